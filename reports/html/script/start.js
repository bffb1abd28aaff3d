// SPDX-License-Identifier: Apache-2.0
// Puts the page together once everything above is defined.

function fillLinks() {
  const list = document.getElementById("links");
  if (list === null) return;
  for (const heading of document.querySelectorAll("main > section > h2")) {
    const link = document.createElement("a");
    link.href = `#${heading.parentElement.id}`;
    link.textContent = heading.textContent;
    const entry = document.createElement("li");
    entry.append(link);
    list.append(entry);
  }
}

function start() {
  fillLinks();
  const view = new TrialView();
  const showTrial = (number) => {
    if (view.chart === undefined || !timelineOf.has(number)) return;
    view.show(number);
    document.getElementById("timeline").scrollIntoView();
    view.chart.drawing.focus({ preventScroll: true });
  };
  addWaterfall();
  addDistribution("detection", showTrial);
  addDistribution("recovery", showTrial);
  addSuccess();
  addTrialTable();
  // In the order of the page, so that what is read first is drawn first.
  charts.sort((a, b) => (a.figure.compareDocumentPosition(b.figure) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-trial]");
    if (link === null) return;
    event.preventDefault();
    showTrial(Number(link.dataset.trial));
  });
  drawWhenSeen();
  followTheWindow();
  performance.mark("report-started");
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
