// SPDX-License-Identifier: Apache-2.0
// What `faultline run` prints at its end: the verdict, the numbers with intervals and n, evidence
// that each fault took effect, how wrong the numbers can be, and where to go next.
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/findings.hpp"
#include "reports/plain.hpp"
#include "reports/renderer.hpp"
#include "reports/table.hpp"
#include "reports/terminal_measures.hpp"
#include "reports/terminal_waterfall.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

constexpr std::size_t invalid_shown_max = 5;
constexpr std::size_t keys_shown_max = 10;
constexpr int width_min = 40;
constexpr std::size_t subject_width = 14;  // "detection time"

Colour colour_of(RunOutcome outcome) {
    switch (outcome) {
        case RunOutcome::pass:
            return Colour::green;
        case RunOutcome::inconclusive:
        case RunOutcome::interrupted:
            return Colour::yellow;
        case RunOutcome::fail:
        case RunOutcome::usage:
        case RunOutcome::unhealthy:
        case RunOutcome::ineffective:
        case RunOutcome::harness_error:
            return Colour::red;
    }
    return Colour::none;
}

Colour colour_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return Colour::green;
        case Verdict::fail:
            return Colour::red;
        case Verdict::inconclusive:
            return Colour::yellow;
    }
    return Colour::none;
}

/// The report in the making: rows of "subject  what is said of it", subjects aligned.
class Page {
  public:
    explicit Page(const RenderOptions& options)
        : look_{.width = static_cast<std::size_t>(std::max(options.width, width_min)),
                .colour = options.colour} {}

    void row(std::string subject, std::string said, Colour colour = Colour::none) {
        subject.resize(std::max(subject.size(), subject_width), ' ');
        table_.add({{std::move(subject), Colour::none}, {std::move(said), colour}});
    }
    /// Rows of their own alignment below what was said so far.
    void insert(const Table& table, std::size_t indent) {
        flush();
        TableLook look = look_;
        look.indent = indent;
        text_ += table.text(look);
    }
    void line(std::string_view text) {
        flush();
        for (const std::string& part : wrapped(text, look_.width))
            text_ += part + "\n";
    }
    /// Lines as they are: they may hold colours.
    void block(const std::string& lines) {
        flush();
        text_ += lines;
    }
    void blank() {
        flush();
        text_ += '\n';
    }
    [[nodiscard]] const TableLook& look() const { return look_; }
    [[nodiscard]] std::string finish() {
        flush();
        return text_;
    }

  private:
    void flush() {
        if (table_.empty()) return;
        text_ += table_.text(look_);
        table_ = Table({Align::left, Align::left});
    }

    TableLook look_;
    std::string text_{};
    Table table_{{Align::left, Align::left}};
};

void add_verdict(Page& page, const RunRecord& run) {
    const Colour colour = run.summary ? colour_of(run.summary->outcome) : Colour::yellow;
    page.block(fmt::format("{}  {}  {}\n",
                           coloured(say_verdict(run), colour, page.look().colour),
                           coloured(plain(run.scenario_name), Colour::bold, page.look().colour),
                           say_extent(run)));
    if (run.summary && run.summary->outcome != RunOutcome::pass && !run.summary->reason.empty()) {
        page.line("  " + plain(run.summary->reason));
    }
    for (const auto& [name, value] : run.parameters)
        page.line("  " + plain(name) + " = " + plain(value));
    page.blank();
}

void add_expectations(Page& page, const Summary& summary) {
    if (summary.expectations.empty()) return;
    page.line("  expectations");
    Table table({Align::left, Align::left, Align::left});
    for (const ExpectationResult& expectation : summary.expectations) {
        std::string said = say_value(expectation);
        const std::string bound = say_bound(expectation);
        if (!bound.empty()) said += " " + bound;
        if (expectation.verdict != Verdict::pass && !expectation.explanation.empty()) {
            said += "; " + plain(expectation.explanation);
        }
        table.add({{std::string(name_of(expectation.verdict)), colour_of(expectation.verdict)},
                   {plain(expectation.text), Colour::none},
                   {said, Colour::none}});
    }
    page.insert(table, 4);
}

void add_faults(Page& page, const RunRecord& run) {
    for (const InjectionEvidence& evidence : evidence_of(run)) {
        std::string said = fmt::format("{} on {}: {} of {} confirmed",
                                       plain(evidence.fault),
                                       plain(say_hit(evidence.on)),
                                       evidence.confirmed,
                                       evidence.count);
        if (!evidence.example.empty()) said += fmt::format(", e.g. \"{}\"", evidence.example);
        page.row(
            "faults", said, evidence.confirmed < evidence.count ? Colour::yellow : Colour::none);
    }
}

void add_invalid(Page& page, const RunRecord& run) {
    std::vector<const TrialRecord*> invalid;
    for (const TrialRecord& trial : run.trials) {
        if (is_invalid(trial)) invalid.push_back(&trial);
    }
    if (invalid.empty()) return;
    std::string said = fmt::format("{} of {}:", invalid.size(), run.trials.size());
    for (std::size_t index = 0; index < std::min(invalid.size(), invalid_shown_max); ++index) {
        const TrialRecord& trial = *invalid[index];
        said +=
            fmt::format("{} trial {} {}", index > 0 ? ";" : "", trial.trial, say_invalid(trial));
    }
    if (invalid.size() > invalid_shown_max)
        said += fmt::format("; and {} more", invalid.size() - invalid_shown_max);
    page.row("invalid trials", said, Colour::yellow);
}

void add_keys(Page& page,
              const RunRecord& run,
              const std::string& subject,
              std::vector<std::string> TrialRecord::*keys_of) {
    std::vector<std::string> keys;
    for (const TrialRecord& trial : run.trials) {
        for (const std::string& key : trial.*keys_of) {
            if (keys.size() < keys_shown_max)
                keys.push_back(fmt::format("{} (trial {})", plain(key), trial.trial));
        }
    }
    if (!keys.empty()) page.row(subject, fmt::format("{}", fmt::join(keys, ", ")), Colour::red);
}

std::string render_terminal(const RunRecord& run, const RenderOptions& options) {
    Page page(options);
    add_verdict(page, run);
    if (run.summary) {
        page.block(terminal_measures(*run.summary, page.look()));
        page.block(terminal_waterfall(run, page.look()));
        add_expectations(page, *run.summary);
    } else {
        page.row("trials",
                 fmt::format(
                     "{} of {} recorded", run.trials.size(), run.trials_asked + run.control_asked));
    }
    add_faults(page, run);
    add_keys(page, run, "lost keys", &TrialRecord::lost_keys);
    add_keys(page, run, "stale keys", &TrialRecord::stale_keys);
    page.row("instrument", say_instrument(run.instrument));
    add_invalid(page, run);
    if (!options.directory.empty())
        page.row("report", plain((options.directory / "report.html").string()));
    page.row("next", next_command(run, options.directory));
    return page.finish();
}

}  // namespace

Renderer terminal_renderer() {
    return {"terminal", "", "what a run prints at its end", render_terminal};
}

}  // namespace faultline::reports
