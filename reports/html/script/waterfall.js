// SPDX-License-Identifier: Apache-2.0
// The stages of the recovery: when each was reached in the median trial, and how that varies.

function waterfallRows() {
  const { spread, typical } = data.stages;
  let before = 0;
  const reached = new Map(typical.map(([name, at]) => {
    const from = before;
    before = at;
    return [name, { from, at }];
  }));
  // As they happened in the trial that is drawn; what only others told comes where its median is.
  return spread
    .map((stage) => ({ ...stage, ...reached.get(stage.name) }))
    .sort((a, b) => (a.at ?? a.p50) - (b.at ?? b.p50));
}

/** A few slow trials must not press all others together: their lines leave the chart and say where to. */
function waterfallEnd(rows) {
  const usual = Math.max(...rows.map((row) => Math.max(row.p50, row.at ?? 0)));
  const furthest = Math.max(...rows.map((row) => row.p90));
  return (furthest > 3 * usual ? 2 * usual : Math.max(usual, furthest)) * 1.04;
}

function waterfallOption() {
  const rows = waterfallRows();
  const end = waterfallEnd(rows);
  const whisker = 5;
  const furtherText = (x, y, time) => ({
    type: "text", style: { x: x - 2, y: y - 9, text: `to ${sayTime(time)} \u2192`, align: "right", verticalAlign: "middle", fill: colour("quiet"), fontSize: 11 },
  });
  const renderBar = (params, api) => {
    const [x0, y] = api.coord([api.value(1), api.value(0)]);
    const [x1] = api.coord([api.value(2), api.value(0)]);
    const height = 16;
    return {
      type: "rect",
      shape: { x: Math.min(x0, x1), y: y - height / 2, width: Math.max(2, Math.abs(x1 - x0)), height, r: 2 },
      style: { fill: colour("accent") },
    };
  };
  const renderSpread = (params, api) => {
    const [x10, y] = api.coord([api.value(1), api.value(0)]);
    const [x50] = api.coord([api.value(2), api.value(0)]);
    const [x90] = api.coord([Math.min(end, api.value(3)), api.value(0)]);
    const beyond = api.value(3) > end;
    const stroke = colour("ink");
    const line = (x1, y1, x2, y2, lineWidth) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke, lineWidth } });
    return {
      type: "group",
      children: [line(x10, y, x90, y, 1.2), line(x10, y - whisker, x10, y + whisker, 1.2),
        beyond ? furtherText(x90, y, api.value(3)) : line(x90, y - whisker, x90, y + whisker, 1.2), line(x50, y - whisker - 2, x50, y + whisker + 2, 2.4)],
    };
  };
  return {
    ...chartBase(),
    grid: { left: narrow() ? 92 : 136, right: 24, top: 8, bottom: 42 },
    xAxis: timeAxis({ name: "since the injection", nameGap: 28, min: Math.min(0, ...rows.map((row) => row.p10)), max: end, axisLabel: { showMaxLabel: false } }),
    yAxis: axis({
      type: "category", inverse: true, data: rows.map((row) => row.name), splitLine: { show: false },
      axisLabel: { interval: 0, width: narrow() ? 84 : 128, overflow: "break", lineHeight: 12, color: colour("ink") },
    }),
    tooltip: {
      ...chartBase().tooltip, trigger: "axis", axisPointer: { type: "shadow" },
      formatter: ([{ dataIndex }]) => sayStage(rows[dataIndex]),
    },
    series: [
      {
        type: "custom", renderItem: renderBar, encode: { x: [1, 2], y: 0 },
        data: rows.map((row, index) => [index, row.from ?? row.p50, row.at ?? row.p50]),
      },
      {
        type: "custom", renderItem: renderSpread, encode: { x: [1, 2, 3], y: 0 }, z: 3,
        data: rows.map((row, index) => [index, row.p10, row.p50, row.p90]),
      },
    ],
  };
}

function sayStage(row) {
  const own = row.at === undefined ? "not told in this trial" : `after ${sayTime(row.at)}`;
  return `<strong>${escapeText(row.name)}</strong><br>${own}<br>` +
    `all: median ${sayTime(row.p50)}, 10 % to 90 % ${sayTime(row.p10)} to ${sayTime(row.p90)}, n = ${row.n}`;
}

function addWaterfall() {
  addChart("waterfall", {
    option: waterfallOption,
    height: () => 60 + 30 * waterfallRows().length,
    label: () => "Stages of the recovery: " +
      waterfallRows().map((row) => `${row.name} ${sayTime(row.at ?? row.p50)}`).join(", "),
    tables: () => [makeTable("Stages of the recovery",
      ["stage", `trial ${data.stages.trial}`, "10 %", "median", "90 %", "n"],
      waterfallRows().map((row) => [row.name, sayTime(row.at), sayTime(row.p10), sayTime(row.p50), sayTime(row.p90), row.n]))],
  });
}
