// SPDX-License-Identifier: Apache-2.0
// Colours come from the style sheet, so that charts and text agree in light, dark and print.

const darkWanted = window.matchMedia("(prefers-color-scheme: dark)");

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** What every chart has in common. */
function chartBase() {
  return {
    animation: false,
    textStyle: { fontFamily: "inherit", color: colour("ink"), fontSize: 12 },
    aria: { enabled: false }, // each drawing has a label of its own, and a table
    tooltip: {
      backgroundColor: colour("surface"),
      borderColor: colour("line"),
      textStyle: { color: colour("ink"), fontSize: 12 },
      confine: true,
    },
  };
}

/** The look of an axis, with what is special about it. */
function axis(special) {
  const { name, ...rest } = special;
  return {
    ...(name === undefined ? {} : { name, nameLocation: "middle", nameTextStyle: { color: colour("quiet") } }),
    axisLine: { lineStyle: { color: colour("line") } },
    axisTick: { lineStyle: { color: colour("line") } },
    axisLabel: { color: colour("quiet"), hideOverlap: true, ...rest.axisLabel },
    splitLine: { lineStyle: { color: colour("grid") }, ...rest.splitLine },
    ...Object.fromEntries(Object.entries(rest).filter(([key]) => key !== "axisLabel" && key !== "splitLine")),
  };
}

function timeAxis(special = {}) {
  return axis({ type: "value", ...special, axisLabel: { formatter: sayTime, ...special.axisLabel } });
}

/** One colour for each of several things side by side. */
function seriesColour(index) {
  return colour(`series-${(index % 4) + 1}`);
}

const narrow = () => window.innerWidth < 600;
