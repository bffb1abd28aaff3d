// SPDX-License-Identifier: Apache-2.0
// The table of all trials, sorted as asked, made when it is opened.

function trialColumns() {
  const { trials } = data;
  const first = trials.injections[0];
  const of = (values, say) => ({ value: (index) => values[index], say: (index) => say(values[index]) });
  const columns = [
    { name: "trial", ...of(trials.number, String) },
    { name: "kind", ...of(trials.control, (control) => (control ? "control" : "fault")) },
    { name: "outcome", ...of(trials.outcome, (text) => data.texts[text]) },
  ];
  if (first !== undefined) {
    columns.push(
      { name: "detection", ...of(first.detection, sayTime) },
      { name: "by", ...of(first.by, (text) => data.texts[text]) },
      {
        name: "recovery", value: (index) => first.recovery[index] ?? (first.recovery_seen[index] || null),
        say: (index) => {
          const ending = endings[first.ending[index]];
          if (ending === "recovered") return sayTime(first.recovery[index]);
          if (ending === "censored") return `over ${sayTime(first.recovery_seen[index])}`;
          return ending === "masked" ? "masked" : "-";
        },
      },
      { name: "success rate", ...of(first.success, sayShare) });
  }
  columns.push({ name: "lost writes", ...of(trials.lost, sayCount) });
  if (trials.stale.some((count) => count !== null)) columns.push({ name: "stale reads", ...of(trials.stale, sayCount) });
  columns.push({ name: "marks", ...of(trials.marks, (text) => data.texts[text]) });
  return columns;
}

function fillTrialTable(place) {
  const columns = trialColumns();
  let sortedBy = 0;
  let descending = false;

  const compare = (a, b) => {
    const x = columns[sortedBy].value(a), y = columns[sortedBy].value(b);
    if (x === null || y === null) return (x === null) - (y === null); // nothing comes last
    return (descending ? -1 : 1) * (x - y) || a - b;
  };
  const linkTo = (index) => {
    const number = data.trials.number[index];
    if (!timelineOf.has(number)) return String(number);
    const link = document.createElement("a");
    link.href = "#timeline";
    link.dataset.trial = number;
    link.textContent = number;
    return link;
  };
  const fill = () => {
    const order = data.trials.number.map((_, index) => index).sort(compare);
    const frame = makeTable("All trials", columns.map((column) => column.name),
      order.map((index) => columns.map((column, position) => (position === 0 ? linkTo(index) : column.say(index)))));
    frame.querySelectorAll("thead th").forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = columns[column].name;
      if (column === sortedBy) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      button.addEventListener("click", () => {
        descending = column === sortedBy && !descending;
        sortedBy = column;
        fill();
        place.querySelectorAll("thead button")[column].focus();
      });
      head.replaceChildren(button);
    });
    place.replaceChildren(frame);
  };
  fill();
}

function addTrialTable() {
  const place = document.getElementById("trial-table");
  if (place === null) return;
  place.replaceChildren();
  place.closest("details").addEventListener("toggle", ({ target }) => {
    if (target.open && place.children.length === 0) fillTrialTable(place);
  });
}
