// SPDX-License-Identifier: Apache-2.0
// Charts are drawn when they come near the window, the rest when the browser has nothing else to do.

/** A figure of the page and what is drawn in it. */
class Chart {
  /**
   * `option` makes what ECharts is told, `tables` the data for those who cannot see it, `label` one
   * sentence about it, `height` in pixels; `drawn` is called with each new ECharts instance.
   */
  constructor(id, { option, tables, label, height, drawn = () => {} }) {
    this.figure = document.getElementById(id);
    this.drawing = document.getElementById(`${id}-drawing`);
    Object.assign(this, { option, tables, label, height, drawn, instance: undefined });
    this.drawing.setAttribute("role", "img");
    this.drawing.style.height = `${this.height()}px`;
    this.refillTable = offerTable(this.figure, () => this.tables());
  }

  draw() {
    if (this.instance !== undefined) return;
    this.drawing.style.height = `${this.height()}px`;
    this.drawing.setAttribute("aria-label", this.label());
    this.instance = echarts.init(this.drawing, null, { renderer: "svg" });
    this.instance.setOption(this.option());
    this.figure.dataset.drawn = "yes";
    this.drawn(this.instance);
  }

  /** Draws anew: other data, other colours, another width class. */
  redraw() {
    if (this.instance === undefined) return;
    this.instance.dispose();
    this.instance = undefined;
    this.draw();
    this.refillTable();
  }
}

const charts = [];

/** Adds a chart when the page has its figure. */
function addChart(id, parts) {
  if (document.getElementById(id) === null) return undefined;
  const chart = new Chart(id, parts);
  charts.push(chart);
  return chart;
}

function drawAll() {
  for (const chart of charts) chart.draw();
  performance.mark("charts-drawn");
  document.documentElement.dataset.charts = "drawn";
}

function drawWhenSeen() {
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      charts.find((chart) => chart.figure === entry.target)?.draw();
      seen.unobserve(entry.target);
    }
  }, { rootMargin: "200px" });
  for (const chart of charts) seen.observe(chart.figure);

  const drawNext = () => {
    const next = charts.find((chart) => chart.instance === undefined);
    if (next === undefined) return drawAll();
    next.draw();
    whenIdle(drawNext);
  };
  whenIdle(drawNext);
}

function whenIdle(work) {
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: 200 });
  else setTimeout(work, 0);
}

/** Keeps the charts fit for the window, the colours wanted and paper. */
function followTheWindow() {
  let wasNarrow = narrow();
  let asked = 0;
  window.addEventListener("resize", () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => {
      if (narrow() !== wasNarrow) {
        wasNarrow = narrow();
        for (const chart of charts) chart.redraw();
      } else {
        for (const chart of charts) chart.instance?.resize();
      }
    });
  });
  darkWanted.addEventListener("change", () => charts.forEach((chart) => chart.redraw()));
  // Charts of a dark window would be light grey on white.
  const onPaper = (wanted) => {
    document.documentElement.toggleAttribute("data-paper", wanted);
    if (darkWanted.matches) charts.forEach((chart) => chart.redraw());
  };
  window.addEventListener("beforeprint", () => {
    drawAll();
    onPaper(true);
  });
  window.addEventListener("afterprint", () => onPaper(false));
}
