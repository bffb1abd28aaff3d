// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <soci/soci.h>
#include <span>

#include <fmt/format.h>

#include "harness/judge/columns.hpp"
#include "harness/result/store_pack.hpp"
#include "harness/result/store_rows.hpp"

namespace faultline {
namespace {

constexpr std::size_t trials_per_part = 256;  // repetitive lines, which zstd makes small together

long long number_of(std::size_t count) {
    return static_cast<long long>(count);
}

/// What a text column takes, of any database: no NUL and nothing but UTF-8. Through JSON, which
/// puts U+FFFD in the place of what is not.
std::string as_text(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '\0'), text.end());
    const bool ascii = std::all_of(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (ascii) return text;
    RunRecord carrier;
    carrier.run = text;
    carrier.scenario_name = "x";
    const auto back = decode_manifest(encode_manifest(carrier));
    return back ? back->run : std::string("?");
}

std::string case_key_of(const RunRecord& run) {
    std::string key;
    for (const auto& [name, value] : run.parameters)
        key += fmt::format("{}{}={}", key.empty() ? "" : ",", name, value);
    return key;
}

StoredRun stored_run_of(const RunRecord& run, const std::filesystem::path& directory) {
    StoredRun row{.run = as_text(stored_id(run)),
                  .scenario = as_text(run.scenario_name),
                  .case_key = as_text(case_key_of(run)),
                  .started = as_text(run.started)};
    if (const auto host = run.machine.find("host"); host != run.machine.end())
        row.host = as_text(host->second);
    std::error_code error;
    const auto absolute = std::filesystem::absolute(directory, error).lexically_normal();
    row.directory = as_text((error ? directory : absolute).string());
    row.version = as_text(run.faultline_version);
    row.outcome = run.summary ? std::string(name_of(run.summary->outcome)) : "unfinished";
    for (const TrialRecord& trial : run.trials) {
        const TrialMeasured measured = measured_of(trial);
        if (counts_as_fault(measured)) {
            ++row.fault_trials;
        } else if (counts_as_control(measured)) {
            ++row.control_trials;
        } else {
            ++row.invalid_trials;
        }
    }
    return row;
}

std::vector<DocumentRow> documents_of(const RunRecord& run) {
    RunRecord manifest = run;
    manifest.trials.clear();
    std::vector<DocumentRow> documents;
    documents.push_back({"run.json", 0, pack_document(encode_manifest(manifest))});
    if (run.summary) {
        documents.push_back(
            {"summary.json", 0, pack_document(encode_summary(*run.summary, run.instrument))});
    }
    for (std::size_t first = 0; first < run.trials.size(); first += trials_per_part) {
        std::string lines;
        const std::size_t count = std::min(trials_per_part, run.trials.size() - first);
        for (const TrialRecord& trial : std::span(run.trials).subspan(first, count))
            lines += encode_trial(trial) + "\n";
        documents.push_back(
            {"trials.jsonl", number_of(first / trials_per_part), pack_document(lines)});
    }
    return documents;
}

/// Numbers that may be absent, as SOCI binds them; infinite ends are absent too.
struct BoundNumber {
    double value = 0;
    soci::indicator present = soci::i_null;
    BoundNumber& operator=(std::optional<double> number) {
        present = number && std::isfinite(*number) ? soci::i_ok : soci::i_null;
        value = present == soci::i_ok ? *number : 0;
        return *this;
    }
};

/// Not a deletion and an insertion: of two programs that put one run at once, the later waits here
/// for the earlier, and then finds its rows.
void put_run_row(soci::session& sql, const RunRows& rows) {
    const StoredRun& run = rows.run;
    const long long fault = number_of(run.fault_trials);
    const long long control = number_of(run.control_trials);
    const long long invalid = number_of(run.invalid_trials);
    sql << "insert into faultline_runs (run, scenario, case_key, started, started_ms, host,"
           " directory, version, outcome, fault_trials, control_trials, invalid_trials)"
           " values (:run, :scenario, :case_key, :started, :started_ms, :host,"
           " :directory, :version, :outcome, :fault, :control, :invalid)"
           " on conflict (run) do update set scenario = excluded.scenario,"
           " case_key = excluded.case_key, started = excluded.started,"
           " started_ms = excluded.started_ms, host = excluded.host,"
           " directory = excluded.directory, version = excluded.version,"
           " outcome = excluded.outcome, fault_trials = excluded.fault_trials,"
           " control_trials = excluded.control_trials, invalid_trials = excluded.invalid_trials",
        soci::use(run.run), soci::use(run.scenario), soci::use(run.case_key),
        soci::use(run.started), soci::use(rows.started_ms), soci::use(run.host),
        soci::use(run.directory), soci::use(run.version), soci::use(run.outcome), soci::use(fault),
        soci::use(control), soci::use(invalid);
}

}  // namespace

RunRows rows_of(const RunRecord& run, const std::filesystem::path& directory) {
    RunRows rows{.run = stored_run_of(run, directory), .documents = documents_of(run)};
    for (const TrialRecord& trial : run.trials) {
        if (rows.started_ms == 0 || trial.started_unix_ms < rows.started_ms)
            rows.started_ms = trial.started_unix_ms;
    }
    if (run.summary) rows.measures = measure_rows(*run.summary);
    return rows;
}

void write_measure_rows(soci::session& sql,
                        const std::string& run,
                        const std::vector<MeasureRow>& measures) {
    std::string name;
    long long n = 0;
    BoundNumber value, low, high;
    soci::statement insert =
        (sql.prepare << "insert into faultline_measures (run, name, n, value, low, high)"
                        " values (:run, :name, :n, :value, :low, :high)",
         soci::use(run),
         soci::use(name),
         soci::use(n),
         soci::use(value.value, value.present),
         soci::use(low.value, low.present),
         soci::use(high.value, high.present));
    for (const MeasureRow& measure : measures) {
        name = as_text(measure.name);
        n = number_of(measure.n);
        value = measure.value;
        low = measure.interval.low;
        high = measure.interval.high;
        insert.execute(true);
    }
}

void write_run_rows(soci::session& sql, const RunRows& rows) {
    const std::string& run = rows.run.run;
    put_run_row(sql, rows);
    sql << "delete from faultline_documents where run = :run", soci::use(run);
    sql << "delete from faultline_measures where run = :run", soci::use(run);
    for (const DocumentRow& document : rows.documents) {
        sql << "insert into faultline_documents (run, name, part, content)"
               " values (:run, :name, :part, :content)",
            soci::use(run), soci::use(document.name), soci::use(document.part),
            soci::use(document.content);
    }
    write_measure_rows(sql, run, rows.measures);
}

void delete_all_rows(soci::session& sql) {
    sql << "delete from faultline_runs";
    sql << "delete from faultline_documents";
    sql << "delete from faultline_measures";
}

}  // namespace faultline
