// SPDX-License-Identifier: Apache-2.0
"use strict";
// What the report was made of, read back from the page. All times are microseconds; those of a
// trial count from its first injection. The writer is trial_data.hpp and chart_data.hpp.

const data = JSON.parse(document.getElementById("data").textContent);

const endings = ["recovered", "censored", "masked", "not told"];
/** Why an operation was bad, by the number it has in the data; the first succeeded too late. */
const failures = ["slow", "refused", "timeout", "connection lost", "error reply", "unexpected", "unsent"];

const timelineOf = new Map(data.timelines.map((raw) => [raw.n, raw]));

function groupsOf(numbers, size) {
  const groups = [];
  for (let at = 0; at < numbers.length; at += size) groups.push(numbers.slice(at, at + size));
  return groups;
}

/** A timeline as the charts want it; `undefined` when the page has none of this trial. */
function readTimeline(number) {
  const raw = timelineOf.get(number);
  if (raw === undefined) return undefined;
  const width = (raw.t - raw.f) / raw.c.length;
  const bins = raw.c.map((good, index) => ({
    from: raw.f + index * width,
    to: raw.f + (index + 1) * width,
    good,
    bad: raw.b[index],
    median: raw.m[index],
    least: raw.l?.[index],
    largest: raw.h?.[index],
  }));
  let at = 0;
  const bad = groupsOf(raw.x ?? [], 3).map(([since, latency, what]) => {
    at += since;
    return { at, latency, kind: raw.k[what >> 3] ?? "operation", why: failures[what & 7] };
  });
  at = 0;
  const events = groupsOf(raw.e, 2).map(([since, text], index) => {
    at += since;
    const [source, name, instance] = data.texts[text].split("\t");
    const signal = source.startsWith("!");
    return { at, source: signal ? source.slice(1) : source, name, instance, signal, said: raw.d?.[index] ?? "" };
  });
  const roles = groupsOf(raw.r, 4).map(([instance, role, from, length]) => ({
    instance: data.texts[instance],
    role: data.texts[role],
    from,
    to: from + length,
  }));
  const injections = raw.i.map(([id, fault, on, from, to]) => ({ id, fault, on, from, to }));
  return {
    number, from: raw.f, to: raw.t, bins, bad, events, roles, injections,
    detailed: raw.x !== undefined, operations: raw.ops, badTotal: raw.bad, eventsTotal: raw.ev,
  };
}
