// SPDX-License-Identifier: Apache-2.0
// One trial over time: what each instance was, what happened, how each operation fared.
//
//   roles        a lane an instance
//   events       a row a source
//   latency      good operations as band and median, bad ones as marks
//   good share   of the operations of each stretch of time

const laneHeight = 22;
const rowHeight = 18;
const latencyHeight = 210;
const shareHeight = 60;
const gap = 16;

const failureMarks = new Map([
  ["slow", ["circle", "series-2"]], ["refused", ["triangle", "series-4"]], ["timeout", ["rect", "bad"]],
  ["connection lost", ["diamond", "series-3"]], ["error reply", ["triangle", "bad"]],
  ["unexpected", ["diamond", "bad"]], ["unsent", ["circle", "quiet"]],
]);

const distinct = (items) => [...new Set(items)];

/** Where each part stands, in pixels. */
function timelineLayout(timeline) {
  const instances = distinct(timeline.roles.map((role) => role.instance));
  const sources = distinct(timeline.events.map((event) => event.source));
  let top = 24;
  const place = (height) => {
    const part = { top, height };
    top += height + gap;
    return part;
  };
  const parts = {
    roles: place(Math.max(1, instances.length) * laneHeight),
    events: place(Math.max(1, sources.length) * rowHeight),
    latency: place(latencyHeight),
    share: place(shareHeight),
  };
  return { instances, sources, parts, height: top + 52 };
}

function roleColour(role) {
  if (role === "down") return colour("bad");
  if (role === "") return colour("grid");
  return ["primary", "leader", "master", "active"].includes(role) ? colour("accent") : colour("accent-soft");
}

function roleSeries(timeline, { instances }) {
  return {
    type: "custom", xAxisIndex: 0, yAxisIndex: 0, clip: true, encode: { x: [1, 2], y: 0 },
    data: timeline.roles.map((span) => [instances.indexOf(span.instance), span.from, span.to, span.role]),
    renderItem: (params, api) => {
      const role = timeline.roles[params.dataIndex].role;
      const area = params.coordSys;
      const [from, y] = api.coord([api.value(1), api.value(0)]);
      const [to] = api.coord([api.value(2), api.value(0)]);
      const x = Math.max(from, area.x), width = Math.min(to, area.x + area.width) - x;
      if (width <= 0) return undefined;
      const dark = role === "down" || roleColour(role) === colour("accent");
      return {
        type: "rect",
        shape: { x, y: y - 8, width: Math.max(1, width), height: 16, r: 2 },
        style: { fill: roleColour(role) },
        textContent: width > 60
          ? { style: { text: role === "" ? "running" : role, fill: dark ? colour("on-accent") : colour("ink"), fontSize: 11 } }
          : undefined,
        textConfig: { position: "insideLeft", distance: 6 },
      };
    },
  };
}

/** Signals in a series of their own, above the others. */
function eventSeries(timeline, { sources }) {
  return [false, true].map((signal) => ({
    type: "scatter", xAxisIndex: 1, yAxisIndex: 1, symbol: "diamond", symbolSize: signal ? 12 : 8,
    itemStyle: { color: colour(signal ? "good" : "quiet") }, z: signal ? 3 : 2,
    data: timeline.events.filter((event) => event.signal === signal)
      .map((event) => [event.at, sources.indexOf(event.source)]),
  }));
}

function latencySeries(timeline) {
  const good = timeline.bins.filter((bin) => bin.good > 0);
  const middle = (bin) => (bin.from + bin.to) / 2;
  const medians = timeline.bins.map((bin) => [middle(bin), bin.good > 0 ? Math.max(1, bin.median) : null]);
  const series = [{
    type: "line", xAxisIndex: 2, yAxisIndex: 2, symbol: "none", silent: true,
    lineStyle: { color: colour("accent"), width: 1.5 }, data: medians,
    markLine: data.latency_bound === null ? undefined : {
      symbol: "none", silent: true, lineStyle: { color: colour("quiet"), type: "dashed" },
      label: { formatter: "bound", color: colour("quiet"), position: "insideEndTop" }, data: [{ yAxis: data.latency_bound }],
    },
  }];
  if (!timeline.detailed) return series;
  series.push({
    type: "custom", xAxisIndex: 2, yAxisIndex: 2, silent: true, clip: true, encode: { x: [0, 1], y: [2, 3] },
    data: good.map((bin) => [bin.from, bin.to, Math.max(1, bin.least), Math.max(1, bin.largest)]),
    renderItem: (params, api) => {
      const [x0, y0] = api.coord([api.value(0), api.value(2)]);
      const [x1, y1] = api.coord([api.value(1), api.value(3)]);
      return {
        type: "rect", shape: { x: x0, y: y1, width: Math.max(1, x1 - x0), height: Math.max(1.5, y0 - y1) },
        style: { fill: colour("accent"), opacity: 0.3 },
      };
    },
  });
  for (const [why, [symbol, paint]] of failureMarks) {
    const points = timeline.bad.filter((operation) => operation.why === why)
      .map((operation) => [operation.at, Math.max(1, operation.latency)]);
    if (points.length === 0) continue;
    series.push({
      type: "scatter", xAxisIndex: 2, yAxisIndex: 2, name: why, symbol, symbolSize: 6, silent: true,
      itemStyle: { color: colour(paint), opacity: 0.8 }, data: points, z: 4,
    });
  }
  return series;
}

function shareSeries(timeline) {
  return {
    type: "line", step: "middle", xAxisIndex: 3, yAxisIndex: 3, symbol: "none", silent: true,
    lineStyle: { color: colour("good"), width: 1 }, areaStyle: { color: colour("good"), opacity: 0.25 },
    data: timeline.bins.map((bin) => {
      const all = bin.good + bin.bad;
      return [(bin.from + bin.to) / 2, all === 0 ? null : bin.good / all];
    }),
  };
}

/** The faults across all parts: a band while one lasts, a line where it struck. */
function faultSeries(timeline, axisIndex) {
  const lasting = timeline.injections.filter((injection) => injection.to !== null);
  return {
    type: "line", xAxisIndex: axisIndex, yAxisIndex: axisIndex, silent: true, data: [],
    markArea: {
      itemStyle: { color: colour("bad"), opacity: 0.1 },
      data: lasting.map((injection) => [{ xAxis: injection.from }, { xAxis: injection.to }]),
    },
    markLine: {
      symbol: "none", lineStyle: { color: colour("bad"), type: "solid", width: 1.5 },
      label: {
        show: axisIndex === 0, color: colour("bad"), position: "start", distance: 4,
        formatter: ({ dataIndex }) => timeline.injections[dataIndex]?.fault ?? "",
      },
      data: timeline.injections.map((injection) => ({ xAxis: injection.from })),
    },
  };
}

/** What to look at first: from shortly before the fault until the recovery has settled. */
function firstView(timeline, settled) {
  if (timeline.injections.length === 0 || settled === undefined) return { startValue: timeline.from, endValue: timeline.to };
  const span = Math.max(settled, (timeline.to - timeline.from) / 100);
  return { startValue: Math.max(timeline.from, -span), endValue: Math.min(timeline.to, 2.5 * span) };
}

function timelineOption(timeline, view) {
  const layout = timelineLayout(timeline);
  const parts = Object.values(layout.parts);
  const longest = Math.max(...[...layout.instances, ...layout.sources].map((name) => name.length), 0);
  const left = Math.min(narrow() ? 84 : 180, Math.max(66, 20 + 7 * longest));
  const xAxis = parts.map((part, index) => timeAxis({
    gridIndex: index, min: timeline.from, max: timeline.to,
    axisLabel: { show: index === parts.length - 1, formatter: sayInstant, showMinLabel: false, showMaxLabel: false },
    axisTick: { show: index === parts.length - 1 },
    splitLine: { show: false },
    axisPointer: { show: true, label: { show: false }, lineStyle: { opacity: 0 } }, // the view draws the cursor
  }));
  const labels = { interval: 0, color: colour("ink"), width: left - 12, overflow: "truncate" };
  const none = { show: false };
  return {
    ...chartBase(),
    grid: parts.map((part) => ({ left, right: 18, top: part.top, height: part.height })),
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    // The words are below the chart, where a screen reader finds them too.
    tooltip: { trigger: "axis", showContent: false },
    xAxis,
    yAxis: [
      axis({ type: "category", gridIndex: 0, inverse: true, data: layout.instances, axisLabel: labels, splitLine: none }),
      axis({ type: "category", gridIndex: 1, inverse: true, data: layout.sources, axisLabel: labels, splitLine: { show: true } }),
      axis({ type: "log", gridIndex: 2, axisLabel: { formatter: sayTime }, name: "latency", nameGap: 54 }),
      axis({ type: "value", gridIndex: 3, min: 0, max: 1, interval: 0.5, name: "good", nameGap: 54, axisLabel: { formatter: (share) => `${share * 100} %` } }),
    ],
    dataZoom: [
      { type: "inside", xAxisIndex: "all", ...view, zoomOnMouseWheel: "ctrl", moveOnMouseMove: true, filterMode: "none" },
      {
        type: "slider", xAxisIndex: "all", ...view, bottom: 8, height: 20, left, right: 18, filterMode: "none", showDataShadow: false,
        borderColor: colour("line"), fillerColor: colour("veil"), handleStyle: { color: colour("surface"), borderColor: colour("quiet") },
        moveHandleStyle: { color: colour("line") }, labelFormatter: sayInstant, textStyle: { color: colour("quiet") }, brushSelect: false,
      },
    ],
    series: [
      roleSeries(timeline, layout), ...eventSeries(timeline, layout), ...latencySeries(timeline), shareSeries(timeline),
      ...parts.map((part, index) => faultSeries(timeline, index)),
    ],
  };
}

function timelineTables(timeline) {
  const tables = [
    makeTable(`Events of trial ${timeline.number}`, ["at", "from", "event", "signal", "said"],
      timeline.events.map((event) => [sayInstant(event.at), `${event.source} ${event.instance}`, event.name, event.signal ? "detection" : "", event.said])),
    makeTable(`Roles in trial ${timeline.number}`, ["instance", "role", "from", "to"],
      timeline.roles.map((span) => [span.instance, span.role || "running", sayInstant(span.from), sayInstant(span.to)])),
    makeTable(`Operations of trial ${timeline.number} over time`, ["from", "good", "bad", "least latency", "median", "largest"],
      timeline.bins.map((bin) => [sayInstant(bin.from), bin.good, bin.bad, ...[bin.least, bin.median, bin.largest].map((each) => (bin.good > 0 ? sayTime(each) : "-"))])),
  ];
  if (timeline.bad.length > 0) {
    tables.push(makeTable(`Bad operations of trial ${timeline.number}`, ["intended at", "operation", "why", "after"],
      timeline.bad.map((operation) => [sayInstant(operation.at), operation.kind, operation.why, sayTime(operation.latency)])));
  }
  return tables;
}
