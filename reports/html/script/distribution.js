// SPDX-License-Identifier: Apache-2.0
// A time across trials: a dot for each trial above, the share of trials within the time below.

const logarithmicFrom = 30; // when the largest is so many times the least

/** The counted trials of one injection, as { number, time, censored }. */
function timesOf(injection, measure) {
  const times = [];
  data.trials.number.forEach((number, index) => {
    if (data.trials.control[index] || !data.trials.counted[index]) return;
    const time = injection[measure][index];
    const seen = injection[`${measure}_seen`][index];
    if (time !== null) times.push({ number, time, censored: false });
    else if (seen > 0) times.push({ number, time: seen, censored: true });
  });
  return times;
}

function distributionParts(measure) {
  return data.trials.injections
    .map((injection, index) => ({ id: injection.id, index, times: timesOf(injection, measure) }))
    .filter((part) => part.times.length > 0)
    .map((part) => ({ ...part, distribution: distributionOf(part.times) }));
}

/** The same scale above and below. A masked fault took no time, which a logarithmic scale shows at its left edge. */
function scaleOf(parts) {
  const times = parts.flatMap((part) => part.times.map((each) => each.time));
  const positive = times.filter((time) => time > 0);
  const least = Math.min(...positive), largest = Math.max(...positive, 1);
  if (largest / least < logarithmicFrom) return { type: "value", min: 0, max: largest * 1.05 };
  const min = 10 ** (Math.floor(Math.log10(least)) - (positive.length < times.length ? 1 : 0));
  const max = 10 ** Math.ceil(Math.log10(largest));
  return { type: "log", min, max, zero: positive.length < times.length };
}

/** The corners of the steps, from the left edge to the right one. */
function stepPoints(distribution, scale, part) {
  const before = part === "high" ? Math.min(1, distribution.reach) : 0;
  const points = [[scale.min, before]];
  for (const step of distribution.steps) {
    const time = Math.max(step.time, scale.min);
    points.push([time, points.at(-1)[1]], [time, step[part]]);
  }
  points.push([scale.max, points.at(-1)[1]]);
  return points;
}

function distributionSeries(part, scale) {
  const paint = seriesColour(part.index);
  const dots = (censored) => ({
    type: "scatter", xAxisIndex: 0, yAxisIndex: 0, name: part.id, cursor: "pointer",
    symbol: censored ? "triangle" : "circle", symbolRotate: censored ? -90 : 0, symbolSize: censored ? 10 : 7,
    itemStyle: censored
      ? { color: colour("surface"), borderColor: colour("bad"), borderWidth: 1.5 }
      : { color: paint, opacity: 0.65 },
    data: part.times.filter((each) => each.censored === censored)
      .map((each) => [Math.max(each.time, scale.min), part.index + 0.15 + 0.7 * scatterOf(each.number), each.number, each.time]),
  });
  const low = stepPoints(part.distribution, scale, "low");
  const high = stepPoints(part.distribution, scale, "high");
  const band = {
    type: "custom", xAxisIndex: 1, yAxisIndex: 1, silent: true, clip: true, data: [[scale.min, 0]],
    renderItem: (params, api) => ({
      type: "polygon",
      shape: { points: [...low, ...[...high].reverse()].map((point) => api.coord(point)) },
      style: { fill: paint, opacity: 0.16 },
    }),
  };
  const curve = {
    type: "line", xAxisIndex: 1, yAxisIndex: 1, name: part.id, symbol: "none", silent: true,
    lineStyle: { color: paint, width: 2 }, data: stepPoints(part.distribution, scale, "share"),
  };
  return [dots(false), dots(true), band, curve];
}

function distributionOption(measure) {
  const parts = distributionParts(measure);
  const { zero, ...scale } = scaleOf(parts);
  const sayTick = (time) => (zero && time <= scale.min ? "0 s" : sayTime(time));
  const rows = data.trials.injections.length;
  const strip = 46 + 26 * rows;
  const side = { left: 52, right: 24 };
  return {
    ...chartBase(),
    grid: [{ ...side, top: 8, height: strip }, { ...side, top: strip + 30, bottom: 46 }],
    xAxis: [
      timeAxis({ ...scale, gridIndex: 0, axisLabel: { show: false }, axisTick: { show: false } }),
      timeAxis({ ...scale, gridIndex: 1, name: `${measure} time`, nameGap: 30, axisLabel: { showMaxLabel: scale.type === "log", formatter: sayTick } }),
    ],
    yAxis: [
      { type: "value", gridIndex: 0, min: 0, max: rows, show: false },
      axis({
        type: "value", gridIndex: 1, min: 0, max: 1, interval: 0.25,
        axisLabel: { formatter: (share) => `${share * 100} %` },
      }),
    ],
    tooltip: {
      ...chartBase().tooltip, trigger: "item",
      formatter: ({ value, seriesName }) =>
        `trial ${value[2]}, ${escapeText(seriesName)}<br><strong>${sayTime(value[3])}</strong>`,
    },
    series: parts.flatMap((part) => distributionSeries(part, scale)),
  };
}

function distributionTables(measure) {
  return distributionParts(measure).flatMap((part) => [
    makeTable(`${measure} time after ${part.id}, by trial`, ["trial", "time", "censored"],
      part.times.map((each) => [each.number, sayTime(each.time), each.censored ? "longer than this" : "no"])),
    makeTable(`Share of trials within a ${measure} time after ${part.id}`, ["time", "share", "band from", "to"],
      part.distribution.steps.map((step) => [sayTime(step.time), sayShare(step.share), sayShare(step.low), sayShare(step.high)])),
  ]);
}

function sayDistribution(measure) {
  return `${measure} time across trials: ` + distributionParts(measure).map((part) => {
    const half = part.distribution.steps.find((step) => step.share >= 0.5);
    const median = half === undefined ? "half of them took longer" : `median ${sayTime(half.time)}`;
    return `after ${part.id} ${part.times.length} trials, ${median}`;
  }).join("; ");
}

function addDistribution(measure, showTrial) {
  if (document.getElementById(measure) === null) return;
  if (distributionParts(measure).length === 0) {
    document.getElementById(measure).querySelector(".drawing").textContent = "No trial told one.";
    return;
  }
  addChart(measure, {
    option: () => distributionOption(measure),
    height: () => 300 + 26 * data.trials.injections.length,
    label: () => sayDistribution(measure),
    tables: () => distributionTables(measure),
    drawn: (instance) => instance.on("click", ({ value, seriesType }) => {
      if (seriesType === "scatter") showTrial(value[2]);
    }),
  });
}
