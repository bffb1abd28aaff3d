// SPDX-License-Identifier: Apache-2.0
#include "reports/html/first_screen.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/findings.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/page.hpp"
#include "reports/plain.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

const SpanSummary* measured_span(const InjectionSummary& injection, const char* measure) {
    const auto found = injection.spans.find(measure);
    return found == injection.spans.end() || found->second.n == 0 ? nullptr : &found->second;
}

const ProportionSummary* proportion(const InjectionSummary& injection, const char* name) {
    const auto found = injection.proportions.find(name);
    return found == injection.proportions.end() || found->second.n == 0 ? nullptr : &found->second;
}

std::string trial_count(std::size_t n) {
    return fmt::format("{} trial{}", n, n == 1 ? "" : "s");
}

/// One of the three numbers.
struct Card {
    std::string title;
    std::string what;  // which figure it is: "median", "mean"
    std::string value;
    std::string interval;  // empty: none
    std::string more;
};
std::string card_html(const Card& card) {
    std::string html = fmt::format(
        "<div class=\"card\">\n<dt>{}</dt>\n<dd class=\"value\">{}</dd>\n<dd>{}{}</dd>\n",
        html_text(card.title),
        html_text(card.value),
        html_text(card.what),
        card.interval.empty() ? "" : ", 95 % interval " + html_text(card.interval));
    return html + fmt::format("<dd class=\"quiet\">{}</dd>\n</div>\n", html_text(card.more));
}

Card span_card(const std::string& title, const InjectionSummary& injection, const char* measure) {
    const SpanSummary* span = measured_span(injection, measure);
    if (span == nullptr) return {title, "not measured", "-", "", "no trial told"};
    std::string more = fmt::format(
        "p95 {} {}, n = {}", say_span(span->p95), say_span_interval(span->p95_interval), span->n);
    if (span->censored > 0) more += fmt::format(", {} of them censored", span->censored);
    return {title, "median", say_span(span->p50), say_span_interval(span->p50_interval), more};
}

Card success_card(const InjectionSummary& injection) {
    const ShareSummary& success = injection.success_rate;
    if (success.n == 0) return {"Success rate", "not measured", "-", "", "no load"};
    return {
        "Success rate",
        "mean",
        say_share(success.mean),
        say_share_interval(success.mean_interval),
        fmt::format(
            "from {} to {}, n = {}", say_share(success.min), say_share(success.max), success.n)};
}

std::string cards(const InjectionSummary& injection) {
    return "<dl class=\"cards\">\n" +
           card_html(span_card("Detection time", injection, "detection_time")) +
           card_html(span_card("Recovery time", injection, "recovery_time")) +
           card_html(success_card(injection)) + "</dl>\n";
}

std::string numbers(const RunRecord& run) {
    if (!run.summary || run.summary->injections.empty()) return "";
    std::string html;
    const auto& injections = run.summary->injections;
    for (const InjectionSummary& injection : injections) {
        if (injections.size() > 1) {
            html += fmt::format("<h3>After {}</h3>\n", html_code(injection.id));
        }
        html += cards(injection);
    }
    return html_section("numbers", "The three numbers", html);
}

std::string injected(const RunRecord& run) {
    HtmlTable table{
        .caption = "What was injected",
        .head = {"injection", "fault", "on", "proven", "how", "evidence, of one trial"}};
    for (const InjectionEvidence& evidence : evidence_of(run)) {
        const bool all = evidence.confirmed == evidence.count;
        table.rows.push_back({html_text(plain(evidence.id)),
                              html_code(evidence.fault),
                              html_text(plain(say_hit(evidence.on))),
                              fmt::format("<span class=\"{}\">{} of {}</span>",
                                          all ? "good" : "bad",
                                          evidence.confirmed,
                                          evidence.count),
                              html_text(plain(evidence.mechanism)),
                              html_text(plain(evidence.example))});
    }
    return html_section(
        "injected",
        "What was injected",
        table.rows.empty() ? html_paragraph("Nothing was injected.") : html_table(table));
}

std::string expectations(const RunRecord& run) {
    if (!run.summary || run.summary->expectations.empty()) return "";
    HtmlTable table{.caption = "Expectations",
                    .head = {"expectation", "verdict", "measured", "bound", "why"}};
    for (const ExpectationResult& expectation : run.summary->expectations) {
        table.rows.push_back({html_code(expectation.text),
                              html_verdict(name_of(expectation.verdict)),
                              html_text(say_value(expectation)),
                              html_text(say_bound(expectation)),
                              html_text(plain(expectation.explanation))});
    }
    return html_section("expectations", "Expectations", html_table(table));
}

std::string head(const RunRecord& run) {
    const std::string verdict = say_verdict(run);
    std::string html = "<header class=\"top\">\n<p class=\"eyebrow\">Faultline report</p>\n";
    html += fmt::format("<h1>{}</h1>\n", html_text(plain(run.scenario_name)));
    if (!run.about.empty()) html += "<p class=\"about\">" + html_text(plain(run.about)) + "</p>\n";
    html += fmt::format("<div class=\"verdict\">{}", html_verdict(verdict));
    const std::string reason = run.summary ? run.summary->reason
                                           : fmt::format("{} of {} trials are recorded",
                                                         run.trials.size(),
                                                         run.trials_asked + run.control_asked);
    html += fmt::format("<div><p class=\"reason\">{}</p>\n", html_text(plain(reason)));
    html += fmt::format("<p class=\"quiet\">{}", html_text(say_extent(run)));
    for (const auto& [name, value] : run.parameters)
        html += html_text(plain(fmt::format("; {} = {}", name, value)));
    html += "</p></div></div>\n";
    const std::string sentence = plain_sentence(run);
    if (!sentence.empty()) html += "<p class=\"sentence\">" + html_text(sentence) + "</p>\n";
    return html + "</header>\n";
}

std::string sentence_of_times(const InjectionSummary& first) {
    const SpanSummary* detection = measured_span(first, "detection_time");
    const SpanSummary* recovery = measured_span(first, "recovery_time");
    std::string text;
    if (detection != nullptr && detection->p50)
        text += "it was typically noticed after " + say_span(detection->p50);
    if (recovery != nullptr && recovery->p50) {
        text += text.empty() ? "" : " and ";
        text += *recovery->p50 > 0 ? "requests were served again after " + say_span(recovery->p50)
                                   : std::string("requests did not suffer");
    }
    return text;
}

}  // namespace

std::string plain_sentence(const RunRecord& run) {
    if (!run.summary || run.summary->injections.empty()) return "";
    const InjectionSummary& first = run.summary->injections.front();
    const auto evidence = evidence_of(run);
    if (evidence.empty() || run.summary->fault_trials == 0) return "";
    std::string text = fmt::format(
        "When {} hit {}, ", plain(evidence.front().fault), plain(say_hit(evidence.front().on)));
    const std::string times = sentence_of_times(first);
    text += times.empty() ? "no time could be measured" : times;
    if (first.success_rate.mean)
        text += fmt::format("; {} of the requests succeeded", say_share(first.success_rate.mean));
    text += ". ";
    if (const ProportionSummary* recovered = proportion(first, "recovered"))
        text += fmt::format("{} of {} recovered. ", recovered->k, trial_count(recovered->n));
    const auto lost = run.summary->counts.find("lost_writes");
    if (lost != run.summary->counts.end() && lost->second.n > 0) {
        text += lost->second.total == 0 ? std::string("No acknowledged write was lost.")
                                        : fmt::format("{} acknowledged writes were lost.",
                                                      format_count(lost->second.total));
    }
    const auto stale = run.summary->counts.find("stale_reads");
    if (stale != run.summary->counts.end() && stale->second.total > 0)
        text += fmt::format(" {} reads were stale.", format_count(stale->second.total));
    return text;
}

std::string first_screen(const RunRecord& run) {
    return head(run) + numbers(run) +
           "<p class=\"instrument\"><strong>Instrument error:</strong> " +
           html_text(say_instrument(run.instrument)) + ".</p>\n" + injected(run) +
           expectations(run);
}

}  // namespace faultline::reports
