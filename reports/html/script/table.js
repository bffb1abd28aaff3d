// SPDX-License-Identifier: Apache-2.0
// Tables made in the browser: the data behind each chart, filled in when somebody opens it.

/** Rows of texts; a cell may also be an element. */
function makeTable(caption, head, rows) {
  const frame = document.createElement("div");
  frame.className = "table";
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", caption);
  const table = document.createElement("table");
  const title = table.createCaption();
  title.className = "unseen";
  title.textContent = caption;
  const headRow = table.createTHead().insertRow();
  for (const name of head) headRow.append(cell("th", name, "col"));
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((content, column) => line.append(column === 0 ? cell("th", content, "row") : cell("td", content)));
  }
  frame.append(table);
  return frame;
}

function cell(tag, content, scope) {
  const element = document.createElement(tag);
  if (scope !== undefined) element.scope = scope;
  element.append(content instanceof Node ? content : String(content));
  return element;
}

/** Fills the "Data of this chart" of a figure anew each time it is opened. */
function offerTable(figure, makeTables) {
  const details = figure.querySelector("details.data");
  const fill = () => {
    if (details.open) details.querySelector(".rows").replaceChildren(...makeTables());
  };
  details.addEventListener("toggle", fill);
  return fill;
}
