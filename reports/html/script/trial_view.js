// SPDX-License-Identifier: Apache-2.0
// Chooses the trial whose timeline is drawn, and moves a cursor through it by mouse or keyboard.

const cursorStep = 0.01; // of what is in view, with the arrow keys
const nearby = 0.015; // of what is in view: events this close to the cursor are told
const eventsToldMax = 8;

class TrialView {
  constructor() {
    this.picker = document.getElementById("trial-picker");
    if (this.picker === null) return;
    this.numbers = data.trials.number.filter((number) => timelineOf.has(number));
    const first = [data.shown, data.stages.trial, ...this.numbers].find((number) => timelineOf.has(number));
    this.timeline = readTimeline(first);
    this.view = firstView(this.timeline, this.settledAt());
    this.makePicker();
    this.makePanel();
    this.chart = addChart("trial", {
      option: () => timelineOption(this.timeline, this.view),
      height: () => timelineLayout(this.timeline).height,
      label: () => `Timeline of trial ${this.timeline.number}. Arrow keys move the cursor, plus and minus zoom.`,
      tables: () => timelineTables(this.timeline),
      drawn: (instance) => this.listen(instance),
    });
    this.chart.drawing.tabIndex = 0;
    this.chart.drawing.setAttribute("role", "application");
    this.chart.drawing.setAttribute("aria-describedby", "cursor");
    this.chart.drawing.addEventListener("keydown", (event) => this.key(event));
  }

  /** When the trial had recovered; `undefined` when it never did. */
  settledAt() {
    const index = data.trials.number.indexOf(this.timeline.number);
    const ends = data.trials.injections.map((injection) =>
      Math.max(injection.recovery[index] ?? 0, injection.detection[index] ?? 0));
    const last = this.timeline.injections.at(-1)?.from ?? 0;
    const censored = data.trials.injections.some((injection) => injection.ending[index] === 1);
    return censored ? undefined : Math.max(last, 0) + Math.max(0, ...ends);
  }

  makePicker() {
    const label = document.createElement("label");
    label.textContent = "Trial ";
    this.select = document.createElement("select");
    const groups = [["worth a close look", true], ["others, coarse", false]].map(([name, detailed]) => {
      const group = document.createElement("optgroup");
      group.label = name;
      for (const number of this.numbers) {
        if ((timelineOf.get(number).x !== undefined) === detailed) group.append(new Option(sayTrial(number), number));
      }
      return group;
    });
    this.select.append(...groups.filter((group) => group.children.length > 0));
    this.select.value = this.timeline.number;
    this.select.addEventListener("change", () => this.show(Number(this.select.value)));
    label.append(this.select);
    this.picker.append(label, this.button("Previous", () => this.step(-1)), this.button("Next", () => this.step(1)),
      this.button("Around the fault", () => this.zoomTo(firstView(this.timeline, this.settledAt()))),
      this.button("Whole trial", () => this.zoomTo({ startValue: this.timeline.from, endValue: this.timeline.to })));
  }

  button(text, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  }

  makePanel() {
    const legend = document.createElement("ul");
    legend.className = "legend";
    this.legend = legend;
    this.panel = document.createElement("div");
    this.panel.id = "cursor";
    this.panel.setAttribute("aria-live", "polite");
    document.getElementById("trial-drawing").after(legend, this.panel);
    this.fillLegend();
    this.rest();
  }

  fillLegend() {
    const entries = [["band", "accent", "good operations: median, least to largest"],
      ...distinct(this.timeline.bad.map((operation) => operation.why))
        .map((why) => [failureMarks.get(why)[0], failureMarks.get(why)[1], why]),
      ["diamond", "good", "detection signal"], ["bar", "bad", "fault"]];
    this.legend.replaceChildren(...entries.map(([shape, paint, text]) => {
      const entry = document.createElement("li");
      entry.innerHTML = `<span class="mark is-${shape}" style="--paint: var(--${paint})" aria-hidden="true"></span>${escapeText(text)}`;
      return entry;
    }));
  }

  /** What the panel says while there is no cursor. */
  rest() {
    const { operations, badTotal, bad, detailed, number, eventsTotal, events } = this.timeline;
    const sampled = detailed && bad.length < badTotal ? `; ${bad.length} of the bad ones are drawn` : "";
    const coarse = detailed ? "" : " This one is coarse: single operations and most events are left out.";
    this.panel.innerHTML = `<p>Trial ${number}: ${sayCount(operations)} operations, ${sayCount(badTotal)} of them bad${sampled}; ` +
      `${sayCount(events.length)} of ${sayCount(eventsTotal)} events.${coarse} <span class="quiet">Move over the chart, or use the arrow keys in it.</span></p>`;
  }

  show(number) {
    const timeline = readTimeline(number);
    if (timeline === undefined) return;
    this.timeline = timeline;
    this.view = firstView(timeline, this.settledAt());
    this.cursor = undefined;
    this.select.value = number;
    this.fillLegend();
    this.rest();
    this.chart.draw();
    this.chart.redraw();
  }

  step(by) {
    const options = [...this.select.options].map((option) => Number(option.value));
    const next = options.indexOf(this.timeline.number) + by;
    if (next >= 0 && next < options.length) this.show(options[next]);
  }

  zoomTo(view) {
    this.view = view;
    this.chart.draw();
    this.chart.instance.dispatchAction({ type: "dataZoom", ...view });
  }

  listen(instance) {
    this.line = document.createElement("div");
    this.line.className = "cursor-line";
    this.line.hidden = true;
    this.chart.drawing.append(this.line);
    this.placeLine(instance);
    instance.on("datazoom", () => {
      const { startValue, endValue } = instance.getOption().dataZoom[0];
      this.view = { startValue, endValue };
      this.placeLine(instance);
    });
    instance.on("updateAxisPointer", ({ axesInfo }) => {
      const x = axesInfo.find((info) => info.axisDim === "x");
      if (x !== undefined) this.tell(x.value);
    });
  }

  key(event) {
    const { startValue, endValue } = this.view;
    const span = endValue - startValue;
    const moves = { ArrowLeft: -cursorStep, ArrowRight: cursorStep, PageUp: -10 * cursorStep, PageDown: 10 * cursorStep };
    if (event.key in moves) {
      this.moveTo((this.cursor ?? Math.max(startValue, Math.min(0, endValue))) + moves[event.key] * span);
    } else if (event.key === "Home") {
      this.moveTo(0);
    } else if (event.key === "+" || event.key === "-") {
      const centre = this.cursor ?? startValue + span / 2;
      const reach = (event.key === "+" ? 0.5 : 2) * span / 2;
      this.zoomTo({ startValue: Math.max(this.timeline.from, centre - reach), endValue: Math.min(this.timeline.to, centre + reach) });
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Puts the cursor there; the view follows. */
  moveTo(time) {
    const { from, to } = this.timeline;
    const at = Math.min(to, Math.max(from, time));
    const { startValue, endValue } = this.view;
    if (at < startValue || at > endValue) {
      const shift = at < startValue ? at - startValue : at - endValue;
      this.zoomTo({ startValue: startValue + shift, endValue: endValue + shift });
    }
    this.tell(at);
  }

  /** Draws the cursor through all parts of the chart, where it is in view. */
  placeLine(instance = this.chart.instance) {
    const { startValue, endValue } = this.view;
    this.line.hidden = this.cursor === undefined || this.cursor < startValue || this.cursor > endValue;
    if (this.line.hidden) return;
    const [x] = instance.convertToPixel({ gridIndex: 3 }, [this.cursor, 0]);
    this.line.style.left = `${x}px`;
  }

  /** Says what was at an instant. */
  tell(time) {
    this.cursor = time;
    this.placeLine();
    const { bins, events, roles } = this.timeline;
    const bin = bins.find((each) => time >= each.from && time < each.to);
    const operations = bin === undefined || bin.good + bin.bad === 0
      ? "no operation"
      : `${bin.good} good, ${bin.bad} bad` + (bin.good > 0 ? `, median ${sayTime(bin.median)}` : "");
    const within = nearby * (this.view.endValue - this.view.startValue);
    const near = events.filter((event) => Math.abs(event.at - time) <= within)
      .sort((a, b) => Math.abs(a.at - time) - Math.abs(b.at - time));
    const told = near.slice(0, eventsToldMax).sort((a, b) => a.at - b.at);
    const now = roles.filter((span) => time >= span.from && time < span.to)
      .map((span) => `${span.instance} ${span.role || "running"}`);
    const more = near.length > told.length ? `<li class="quiet">and ${near.length - told.length} more events here</li>` : "";
    this.panel.innerHTML = `<p><strong>${sayInstant(time)}</strong> ${operations}. ${escapeText(now.join(", "))}</p><ul>` +
      told.map((event) => `<li><span class="when">${sayInstant(event.at)}</span> ` +
        `<span class="quiet">${escapeText(`${event.source} ${event.instance}`)}</span> ` +
        `<strong class="${event.signal ? "good" : ""}">${escapeText(event.name)}</strong> ${escapeText(event.said)}</li>`).join("") + more + "</ul>";
  }
}

/** "7: recovered after 13 ms". */
function sayTrial(number) {
  const index = data.trials.number.indexOf(number);
  const notes = [];
  if (data.trials.control[index]) notes.push("control");
  if (!data.trials.counted[index]) notes.push(data.texts[data.trials.outcome[index]] === "pass" ? "left out" : data.texts[data.trials.outcome[index]]);
  const first = data.trials.injections[0];
  if (first !== undefined && !data.trials.control[index]) {
    const recovery = first.recovery[index];
    const ending = endings[first.ending[index]];
    notes.push(recovery !== null && ending === "recovered" ? `recovered after ${sayTime(recovery)}` : ending);
  }
  if (data.trials.lost[index] > 0) notes.push(`${data.trials.lost[index]} lost writes`);
  if (data.trials.stale[index] > 0) notes.push(`${data.trials.stale[index]} stale reads`);
  if (number === data.stages.trial) notes.push("median");
  return `${number}: ${notes.join(", ")}`;
}
