// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/nearest.hpp"
#include "harness/base/units.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/run_store.hpp"
#include "harness/judge/outcome.hpp"
#include "harness/result/json_fields.hpp"
#include "reports/markdown_text.hpp"
#include "reports/plain.hpp"
#include "reports/table.hpp"
#include "reports/wording.hpp"

namespace faultline::cli {
namespace {

using reports::Align;
using reports::Colour;

/// The runs to list, and every id, which says how much of one is needed.
struct Listed {
    std::vector<StoredRun> runs{};
    std::vector<std::string> ids{};
};

Result<Listed> read_history(const HistoryCommand& command) {
    FL_TRY(Store store, open_store_to_read(command.store));
    if (!command.scenario.empty()) {
        FL_TRY(const auto names, store.scenarios());
        if (std::find(names.begin(), names.end(), command.scenario) == names.end()) {
            return fail(fmt::format("the store holds no run of \"{}\"{}",
                                    command.scenario,
                                    suggestion(command.scenario, names)),
                        ErrorCode::not_found);
        }
    }
    Listed listed;
    FL_TRY(listed.runs,
           store.history(
               {.scenario = command.scenario, .last = static_cast<std::size_t>(command.last)}));
    FL_TRY(listed.ids, store.ids());
    return listed;
}

const std::vector<std::string> head{"run",
                                    "when (UTC)",
                                    "scenario",
                                    "verdict",
                                    "trials",
                                    "detected p50",
                                    "recovered p50",
                                    "p95",
                                    "success",
                                    "lost"};

/// "2026-11-22 10:15" of an ISO instant.
std::string say_when(const std::string& started) {
    std::string when = started.substr(0, 16);
    if (when.size() == 16 && when[10] == 'T') when[10] = ' ';
    return when;
}

std::string say_trials(const StoredRun& run) {
    std::string trials = std::to_string(run.fault_trials);
    if (run.control_trials > 0) trials += fmt::format(" + {}", run.control_trials);
    if (run.invalid_trials > 0) trials += fmt::format(", {} invalid", run.invalid_trials);
    return trials;
}

std::vector<std::string> texts_of(const StoredRun& run, const std::vector<std::string>& ids) {
    return {reports::plain(short_id(run.run, ids)),
            reports::plain(say_when(run.started)),
            reports::plain(run.scenario + (run.case_key.empty() ? "" : " " + run.case_key)),
            reports::plain(run.outcome),
            say_trials(run),
            reports::say_span(run.detection_p50),
            reports::say_span(run.recovery_p50),
            reports::say_span(run.recovery_p95),
            reports::say_share(run.success_mean),
            run.lost_writes ? format_count(*run.lost_writes) : "-"};
}

Colour colour_of(const std::string& outcome) {
    if (outcome == "pass") return Colour::green;
    return outcome == "inconclusive" || outcome == "unfinished" ? Colour::yellow : Colour::red;
}

std::string as_table(const Listed& listed) {
    reports::Table table({Align::left,
                          Align::left,
                          Align::left,
                          Align::left,
                          Align::left,
                          Align::right,
                          Align::right,
                          Align::right,
                          Align::right,
                          Align::right});
    std::vector<reports::Cell> cells;
    for (const std::string& name : head)
        cells.push_back({name, Colour::faint});
    table.add(cells);
    for (const StoredRun& run : listed.runs) {
        cells.clear();
        for (std::string& text : texts_of(run, listed.ids))
            cells.push_back({std::move(text)});
        cells[3].colour = colour_of(run.outcome);
        table.add(cells);
    }
    // As wide as it must be: a line that wraps is easier to read than a table in pieces.
    constexpr std::size_t wide = 1000;
    return table.text({.indent = 0, .gap = 2, .width = wide, .colour = find_console().colour});
}

void print_terminal(const Listed& listed) {
    if (listed.runs.empty()) {
        fmt::print("no run is remembered yet; faultline history import DIR takes earlier ones\n");
        return;
    }
    const std::string newest = short_id(listed.runs.front().run, listed.ids);
    fmt::print("{}\nnext: faultline report {}\n      faultline trend {}\n",
               as_table(listed),
               reports::plain(newest),
               reports::say_command({reports::plain(listed.runs.front().scenario)}));
}

void print_markdown(const Listed& listed) {
    std::vector<std::vector<std::string>> rows{head};
    for (const StoredRun& run : listed.runs) {
        std::vector<std::string>& row = rows.emplace_back();
        for (const std::string& text : texts_of(run, listed.ids))
            row.push_back(reports::markdown_text(text));
    }
    fmt::print("{}", reports::markdown_table(rows));
}

void run_fields(JsonFields& json, StoredRun& run) {
    json.field("run", run.run);
    json.field("scenario", run.scenario);
    json.field("case", run.case_key);
    json.field("started", run.started);
    json.field("host", run.host);
    json.field("directory", run.directory);
    json.field("faultline_version", run.version);
    json.field("verdict", run.outcome);
    json.object("trials", [&](JsonFields& inside) {
        inside.field("fault", run.fault_trials);
        inside.field("control", run.control_trials);
        inside.field("invalid", run.invalid_trials);
    });
    json.nanoseconds("detection_p50_ns", run.detection_p50);
    json.nanoseconds("detection_p95_ns", run.detection_p95);
    json.nanoseconds("recovery_p50_ns", run.recovery_p50);
    json.nanoseconds("recovery_p95_ns", run.recovery_p95);
    json.field("success_rate_mean", run.success_mean);
    json.field("lost_writes", run.lost_writes);
}

void print_json(Listed listed) {
    constexpr int pretty_indent = 2;
    JsonFields json = JsonFields::to_write();
    json.version(record_version);
    json.list("runs", listed.runs, run_fields);
    fmt::print("{}\n", json.text(pretty_indent));
}

}  // namespace

int history(const HistoryCommand& command) {
    auto listed = read_history(command);
    if (!listed) return complain(listed.error().message, exit_code_of(RunOutcome::usage));
    if (command.format == "json") {
        print_json(*std::move(listed));
    } else if (command.format == "markdown") {
        print_markdown(*listed);
    } else {
        print_terminal(*listed);
    }
    return 0;
}

}  // namespace faultline::cli
