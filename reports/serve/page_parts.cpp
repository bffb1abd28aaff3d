// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/page_parts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/html/page.hpp"
#include "reports/serve/http_target.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {

std::string say_measure(std::size_t measure, const std::optional<double>& value) {
    return listed_measures.at(measure).is_share ? say_share(value) : say_span(value);
}

std::string time_element(const std::string& iso) {
    std::string shown = iso;
    if (const std::size_t t = shown.find('T'); t != std::string::npos) shown[t] = ' ';
    if (shown.ends_with('Z')) shown.pop_back();
    return fmt::format("<time datetime=\"{}\">{}</time>", html_text(iso), html_text(shown));
}

std::string run_link(const RunEntry& entry, const std::string& text) {
    return fmt::format("<a href=\"/runs/{}\">{}</a>", encode_query(entry.id), html_text(text));
}

std::string status_element(const RunEntry& entry) {
    std::string name(status_of(entry));
    std::string style = name;
    std::replace(style.begin(), style.end(), ' ', '-');
    return fmt::format("<span class=\"status {}\">{}</span>", html_text(style), html_text(name));
}

std::string list_address(const RunFilter& filter, std::size_t page) {
    std::string query;
    const auto add = [&query](const char* name, const std::string& value) {
        if (value.empty()) return;
        query += fmt::format("{}{}={}", query.empty() ? "?" : "&", name, encode_query(value));
    };
    add("scenario", filter.scenario);
    add("status", filter.status);
    add("q", filter.text);
    if (page > 1) add("page", std::to_string(page));
    return "/" + query;
}

std::string_view serve_style() {
    return R"css(
main:has(.runs) { max-width: 1500px; }
.filters { display: flex; flex-wrap: wrap; gap: .75rem 1rem; align-items: end; margin: 1rem 0; }
.filters label { display: grid; gap: .2rem; font-size: .9rem; color: var(--quiet); }
.filters input, .filters select, .filters button { font: inherit; padding: .3rem .6rem; max-width: 22rem;
  color: var(--ink); background: var(--surface); border: 1px solid var(--line); border-radius: var(--round); }
.scroll { overflow-x: auto; }
.runs { border-collapse: collapse; width: 100%; font-size: .92rem; }
.runs caption { text-align: left; padding: .4rem 0; color: var(--quiet); }
.runs th, .runs td { padding: .35rem .6rem; text-align: left; vertical-align: top; font-weight: 400;
  border-bottom: 1px solid var(--line); }
.runs thead th { font-weight: 600; vertical-align: bottom; }
.runs .number { text-align: right; white-space: nowrap; }
.runs time { white-space: nowrap; }
.runs small { display: block; color: var(--quiet); min-width: 14rem; }
.status { font-weight: 600; white-space: nowrap; color: var(--unsure); }
.status::before { content: "\25CF\00A0"; }
.status.pass { color: var(--good); }
.status.pass::before { content: "\2713\00A0"; }
.status.fail, .status.broken, .status.harness-error { color: var(--bad); }
.status.fail::before { content: "\2717\00A0"; }
.status.under-way { color: var(--accent); }
.status.under-way::before { content: "\25B6\00A0"; }
.under-way-runs { list-style: none; padding: 0; display: grid; gap: .75rem; }
.under-way-runs progress { width: min(24rem, 100%); vertical-align: middle; accent-color: var(--accent); }
.under-way-runs small { display: block; color: var(--quiet); }
.pages { display: flex; gap: 1rem; margin: 1rem 0; align-items: baseline; }
.trend-chart { width: 100%; max-width: 1080px; height: auto; display: block; margin: 1rem 0; }
.trend-chart .axis { stroke: var(--line); }
.trend-chart text { fill: var(--quiet); font-size: 12px; }
.trend-chart .p50 { stroke: var(--series-1); fill: var(--series-1); }
.trend-chart .p95 { stroke: var(--series-2); fill: var(--series-2); }
.trend-chart polyline.p50, .trend-chart polyline.p95 { fill: none; stroke-width: 2; }
.trend-chart polyline.p95 { stroke-dasharray: 6 4; }
@media print { .filters, .pages { display: none; } }
)css";
}

std::string_view list_script() {
    // What has changed is fetched as the server renders it, so there is one rendering of a run.
    // News that come close together are shown together.
    return R"js("use strict";
(() => {
  const part = document.getElementById("part");
  const said = document.getElementById("said");
  const pause = 400;
  let waiting = null, again = false, fetching = false;
  const show = async () => {
    waiting = null;
    if (fetching) { again = true; return; }
    fetching = true;
    try {
      const address = new URL(location.href);
      address.searchParams.set("part", "1");
      const answer = await fetch(address, {cache: "no-store"});
      if (answer.ok) {
        const focused = document.activeElement;
        const link = part.contains(focused) ? focused.getAttribute("href") : null;
        const left = part.querySelector(".scroll")?.scrollLeft ?? 0;
        part.innerHTML = await answer.text();
        const scroll = part.querySelector(".scroll");
        if (scroll) scroll.scrollLeft = left;
        if (link) [...part.querySelectorAll("a")].find(a => a.getAttribute("href") === link)?.focus();
      }
    } catch { /* the server has gone; the stream of events notices when it is back */ }
    fetching = false;
    if (again) { again = false; soon(); }
  };
  const soon = () => { if (waiting === null) waiting = setTimeout(show, pause); };
  const say = text => { said.textContent = text; };
  const events = new EventSource("/events");
  const on = (name, words) => events.addEventListener(name, event => {
    const data = JSON.parse(event.data);
    if (words) say(words(data));
    soon();
  });
  on("run-started", d => `${d.run.scenario} has started, ${d.run.trials_asked} trials`);
  on("trial-done", d => `${d.run.scenario}: ${d.trial.done} of ${d.trial.asked}, ${d.trial.text}`);
  on("run-finished", d => `${d.run.scenario} has ended: ${d.run.status}`);
  for (const name of ["run-changed", "run-removed", "runs-changed"]) on(name, null);
  let opened = false;
  events.addEventListener("open", () => { if (opened) soon(); opened = true; });
  for (const select of document.querySelectorAll(".filters select"))
    select.addEventListener("change", () => select.form.requestSubmit());
})();
)js";
}

}  // namespace faultline::reports
