// SPDX-License-Identifier: Apache-2.0
// The success rate over time, all trials aligned at their first injection.

function successOption() {
  const { at, mean, low, high, width, all } = data.success;
  const band = {
    type: "custom", silent: true, clip: true, data: [[at[0], 0]],
    renderItem: (params, api) => ({
      type: "polygon",
      shape: {
        points: [...at.map((time, index) => [time, low[index]]), ...at.map((time, index) => [time, high[index]]).reverse()]
          .map((point) => api.coord(point)),
      },
      style: { fill: colour("accent"), opacity: 0.16 },
    }),
  };
  return {
    ...chartBase(),
    grid: { left: 52, right: 24, top: 24, bottom: 46 },
    xAxis: timeAxis({ name: "since the injection", nameGap: 30, min: at[0] - width / 2, max: at.at(-1) + width / 2, axisLabel: { showMinLabel: false, showMaxLabel: false } }),
    yAxis: axis({ type: "value", min: 0, max: 1, interval: 0.25, axisLabel: { formatter: (share) => `${share * 100} %` } }),
    tooltip: {
      ...chartBase().tooltip, trigger: "axis",
      formatter: ([{ dataIndex }]) => `${sayInstant(at[dataIndex])}<br><strong>${sayShare(mean[dataIndex])}</strong> of ` +
        `${sayCount(all[dataIndex])} operations<br>trials: ${sayShare(low[dataIndex])} to ${sayShare(high[dataIndex])}`,
    },
    series: [
      {
        type: "line", symbol: "none", lineStyle: { color: colour("accent"), width: 2 }, itemStyle: { color: colour("accent") },
        data: at.map((time, index) => [time, mean[index]]), z: 3,
        markLine: {
          symbol: "none", silent: true, lineStyle: { color: colour("bad"), type: "solid", width: 1.5 },
          label: { formatter: "injection", color: colour("bad") }, data: [{ xAxis: 0 }],
        },
      },
      band,
    ],
  };
}

function addSuccess() {
  const { at, mean, low, high, all, trials } = data.success;
  addChart("success", {
    option: successOption,
    height: () => 300,
    label: () => `Success rate over time of ${trials} trials: lowest ${sayShare(Math.min(...mean))} at ` +
      sayInstant(at[mean.indexOf(Math.min(...mean))]),
    tables: () => [makeTable("Success rate around the injection",
      ["since the injection", "success rate", "10 % of trials below", "90 % of trials below", "operations"],
      at.map((time, index) => [sayInstant(time), sayShare(mean[index]), sayShare(low[index]), sayShare(high[index]), sayCount(all[index])]))],
  });
}
