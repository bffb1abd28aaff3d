// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/html/page.hpp"
#include "reports/serve/http_target.hpp"
#include "reports/serve/page_parts.hpp"
#include "reports/serve/pages.hpp"

namespace faultline::reports {
namespace {

struct Choice {
    const char* name;
    const char* label;
    const char* all;
    const std::string& chosen;
};

std::string choice_element(const Choice& choice, const std::map<std::string, std::size_t>& names) {
    std::string options = fmt::format("<option value=\"\">{}</option>", choice.all);
    const auto add = [&](const std::string& name, const std::string& count) {
        options += fmt::format("<option value=\"{0}\"{1}>{0}{2}</option>",
                               html_text(name),
                               name == choice.chosen ? " selected" : "",
                               count);
    };
    for (const auto& [name, count] : names)
        add(name, fmt::format(" ({})", format_count(count)));
    // One that no run has any more stays chosen, and shows an empty list.
    if (!choice.chosen.empty() && !names.contains(choice.chosen)) add(choice.chosen, " (0)");
    return fmt::format(
        "<label>{}<select name=\"{}\">{}</select></label>", choice.label, choice.name, options);
}

std::string filter_form(const RunIndex& index, const RunFilter& filter) {
    return fmt::format(
        "<form class=\"filters\" method=\"get\" action=\"/\" role=\"search\" "
        "aria-label=\"Filter the runs\">{}{}"
        "<label>Text<input type=\"search\" name=\"q\" value=\"{}\"></label>"
        "<button type=\"submit\">Filter</button> <a href=\"/\">Show all</a></form>",
        choice_element({"scenario", "Scenario", "all scenarios", filter.scenario},
                       index.scenarios()),
        choice_element({"status", "Verdict", "all verdicts", filter.status}, index.statuses()),
        html_text(filter.text));
}

std::string under_way(const RunIndex& index) {
    RunFilter filter;
    filter.status = name_of(RunState::under_way);
    const auto runs = index.select(filter);
    if (runs.empty()) return {};
    std::string items;
    for (const RunIndex::Run* run : runs) {
        const RunEntry& entry = run->entry;
        items += fmt::format(
            "<li>{} <progress max=\"{}\" value=\"{}\" aria-label=\"Trials of {}\"></progress> "
            "{} of {} trials<small>{}</small></li>",
            run_link(entry, entry.scenario),
            std::max(entry.asked, 1),
            entry.done,
            html_text(entry.scenario),
            format_count(static_cast<std::uint64_t>(entry.done)),
            format_count(static_cast<std::uint64_t>(entry.asked)),
            html_text(entry.last_trial));
    }
    return "<section aria-labelledby=\"under-way\"><h2 id=\"under-way\">Under way</h2>"
           "<ul class=\"under-way-runs\">" +
           items + "</ul></section>";
}

std::string row(const RunEntry& entry) {
    std::string name = run_link(entry, entry.scenario);
    if (!entry.parameters.empty()) name += "<small>" + html_text(entry.parameters) + "</small>";
    std::string status = status_element(entry);
    const std::string& why = entry.state == RunState::broken ? entry.trouble : entry.reason;
    if (!why.empty()) status += "<small>" + html_text(why) + "</small>";
    std::string text = fmt::format(
        "<tr><td>{}</td><th scope=\"row\">{}</th><td>{}</td><td class=\"number\">{}</td>",
        status,
        name,
        time_element(entry.started),
        entry.done == entry.asked ? std::to_string(entry.done)
                                  : fmt::format("{} of {}", entry.done, entry.asked));
    for (std::size_t i = 0; i < listed_measures.size(); ++i) {
        if (!listed_measures[i].in_list) continue;
        text += fmt::format("<td class=\"number\">{}</td>", say_measure(i, entry.measures[i]));
    }
    const auto recovered =
        entry.recovered_k && entry.recovered_n
            ? fmt::format("{:.0f} of {:.0f}", *entry.recovered_k, *entry.recovered_n)
            : "-";
    const auto lost = entry.lost_writes ? fmt::format("{:.0f}", *entry.lost_writes) : "-";
    text +=
        fmt::format("<td class=\"number\">{}</td><td class=\"number\">{}</td>", recovered, lost);
    text +=
        fmt::format("<td><a href=\"/trend?scenario={}\" aria-label=\"Trend of {}\">trend</a></td>",
                    encode_query(entry.scenario),
                    html_text(entry.scenario));
    return text + "</tr>\n";
}

std::string pages_element(const ListView& view, std::size_t last) {
    if (last <= 1) return {};
    const auto link = [&view](std::size_t page, const char* text) {
        return fmt::format(
            "<a href=\"{}\">{}</a>", html_text(list_address(view.filter, page)), text);
    };
    return fmt::format(
        "<nav class=\"pages\" aria-label=\"Pages\">{}<span>page {} of {}</span>{}</nav>",
        view.page > 1 ? link(view.page - 1, "Newer") : "",
        view.page,
        last,
        view.page < last ? link(view.page + 1, "Older") : "");
}

}  // namespace

std::string list_part(const RunIndex& index, const ListView& asked) {
    const auto runs = index.select(asked.filter);
    const std::size_t last =
        std::max<std::size_t>(1, (runs.size() + list_page_size - 1) / list_page_size);
    ListView view = asked;
    view.page = std::clamp<std::size_t>(view.page, 1, last);
    std::string text = under_way(index);
    if (runs.empty()) {
        return text + (index.size() == 0 ? "<p>There are no runs here yet. They appear as soon as "
                                           "<code>faultline run</code> makes them.</p>"
                                         : "<p>No run is like that.</p>");
    }
    text += fmt::format(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Runs\">"
        "<table class=\"runs\"><caption>{} {}, newest first; times are UTC</caption>\n<thead><tr>",
        format_count(runs.size()),
        runs.size() == 1 ? "run" : "runs");
    for (const char* name : {"Verdict", "Scenario", "Started"})
        text += fmt::format("<th scope=\"col\">{}</th>", name);
    text += "<th scope=\"col\" class=\"number\">Trials</th>";
    for (const ListedMeasure& measure : listed_measures) {
        if (!measure.in_list) continue;
        text += fmt::format("<th scope=\"col\" class=\"number\">{}</th>", measure.title);
    }
    text +=
        "<th scope=\"col\" class=\"number\">Recovered</th>"
        "<th scope=\"col\" class=\"number\">Lost writes</th><th scope=\"col\">Trend</th>"
        "</tr></thead>\n<tbody>\n";
    const std::size_t first = (view.page - 1) * list_page_size;
    for (std::size_t i = first; i < std::min(first + list_page_size, runs.size()); ++i)
        text += row(runs[i]->entry);
    return text + "</tbody></table></div>" + pages_element(view, last);
}

std::string list_page(const RunIndex& index, const ListView& view) {
    return html_page({.title = "Runs - Faultline",
                      .content = "<h1>Runs</h1>\n" + filter_form(index, view.filter) +
                                 "<p id=\"said\" role=\"status\" aria-live=\"polite\"></p>\n"
                                 "<div id=\"part\">" +
                                 list_part(index, view) + "</div>",
                      .script = std::string(list_script()),
                      .style = std::string(serve_style()),
                      .connects = true});
}

std::string error_page(const std::string& title, const std::string& message) {
    return html_page(
        {.title = title + " - Faultline",
         .content = fmt::format("<h1>{}</h1><p>{}</p><p><a href=\"/\">All runs</a></p>",
                                html_text(title),
                                html_text(message))});
}

}  // namespace faultline::reports
