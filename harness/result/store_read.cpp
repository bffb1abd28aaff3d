// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>
#include <soci/soci.h>

#include <fmt/format.h>

#include "harness/result/store_pack.hpp"
#include "harness/result/store_rows.hpp"

namespace faultline {
namespace {

// The measures of the list, in the order of `ListedRow::measures`.
constexpr std::array listed_measures{"detection_time.p50",
                                     "detection_time.p95",
                                     "recovery_time.p50",
                                     "recovery_time.p95",
                                     "success_rate.mean",
                                     "lost_writes.total"};

constexpr const char* newest_first = " order by r.started desc, r.started_ms desc, r.run";

struct ReadNumber {
    double value = 0;
    soci::indicator present = soci::i_null;
    [[nodiscard]] std::optional<double> number() const {
        return present == soci::i_ok ? std::optional(value) : std::nullopt;
    }
};

/// A row of the list, where SOCI puts it.
struct ListedRow {
    StoredRun run;
    long long fault = 0, control = 0, invalid = 0;
    std::array<ReadNumber, listed_measures.size()> measures{};

    [[nodiscard]] static std::string columns() {
        std::string columns =
            "r.run, r.scenario, r.case_key, r.started, r.host, r.directory,"
            " r.version, r.outcome, r.fault_trials, r.control_trials,"
            " r.invalid_trials";
        for (const char* measure : listed_measures) {
            columns += fmt::format(
                ", (select value from faultline_measures l where l.run = r.run"
                " and l.name = '{}')",
                measure);
        }
        return columns;
    }

    void bind(soci::statement& statement) {
        for (std::string* text : {&run.run,
                                  &run.scenario,
                                  &run.case_key,
                                  &run.started,
                                  &run.host,
                                  &run.directory,
                                  &run.version,
                                  &run.outcome})
            statement.exchange(soci::into(*text));
        for (long long* number : {&fault, &control, &invalid})
            statement.exchange(soci::into(*number));
        for (ReadNumber& measure : measures)
            statement.exchange(soci::into(measure.value, measure.present));
    }

    [[nodiscard]] StoredRun stored() const {
        StoredRun stored = run;
        stored.fault_trials = static_cast<std::size_t>(fault);
        stored.control_trials = static_cast<std::size_t>(control);
        stored.invalid_trials = static_cast<std::size_t>(invalid);
        stored.detection_p50 = measures[0].number();
        stored.detection_p95 = measures[1].number();
        stored.recovery_p50 = measures[2].number();
        stored.recovery_p95 = measures[3].number();
        stored.success_mean = measures[4].number();
        if (const auto lost = measures[5].number())
            stored.lost_writes = static_cast<std::uint64_t>(*lost);
        return stored;
    }
};

/// Prepares and executes what `bind` has given places and parameters, and hears of each row.
template <class Row>
void for_each_row(soci::statement& statement, const std::string& query, Row row) {
    statement.alloc();
    statement.prepare(query);
    statement.define_and_bind();
    statement.execute();
    while (statement.fetch())
        row();
}

long long limit_of(std::size_t count) {
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<int>::max());
    return static_cast<long long>(std::min(count, most));
}

std::vector<std::string> read_names(soci::session& sql,
                                    const std::string& query,
                                    const std::vector<std::string>& parameters = {}) {
    std::vector<std::string> names;
    std::string name;
    soci::statement statement(sql);
    statement.exchange(soci::into(name));
    for (const std::string& parameter : parameters)
        statement.exchange(soci::use(parameter));
    for_each_row(statement, query, [&] { names.push_back(name); });
    return names;
}

/// A document put together from its parts; empty when there is none.
Result<std::string> read_document(soci::session& sql,
                                  const std::string& run,
                                  const std::string& name) {
    std::string text;
    for (const std::string& part :
         read_names(sql,
                    "select content from faultline_documents where run = :run and name = :name"
                    " order by part",
                    {run, name})) {
        auto unpacked = unpack_document(part);
        if (!unpacked) {
            return in_context(
                fmt::format(
                    "{} of run {} in the store is damaged (import its directory again)", name, run),
                unpacked.error());
        }
        text += *unpacked;
    }
    return text;
}

}  // namespace

std::vector<StoredRun> read_run_rows(soci::session& sql, const HistoryQuery& query) {
    std::vector<StoredRun> runs;
    ListedRow row;
    const long long limit = limit_of(query.last);
    soci::statement statement(sql);
    row.bind(statement);
    std::string text = "select " + ListedRow::columns() + " from faultline_runs r";
    if (!query.scenario.empty()) {
        text += " where r.scenario = :scenario";
        statement.exchange(soci::use(query.scenario));
    }
    statement.exchange(soci::use(limit));
    for_each_row(
        statement, text + newest_first + " limit :limit", [&] { runs.push_back(row.stored()); });
    return runs;
}

std::vector<StoredRun> read_run_rows_from(soci::session& sql,
                                          const std::string& beginning,
                                          std::size_t count) {
    std::vector<StoredRun> runs;
    ListedRow row;
    const long long length = limit_of(beginning.size());
    const long long limit = limit_of(count);
    soci::statement statement(sql);
    row.bind(statement);
    statement.exchange(soci::use(length));
    statement.exchange(soci::use(beginning));
    statement.exchange(soci::use(limit));
    for_each_row(statement,
                 "select " + ListedRow::columns() +
                     " from faultline_runs r where substr(r.run, 1, cast(:length as integer)) ="
                     " :beginning" +
                     newest_first + " limit :limit",
                 [&] { runs.push_back(row.stored()); });
    return runs;
}

std::vector<TrendPoint> read_trend_rows(soci::session& sql, const TrendQuery& query) {
    std::vector<TrendPoint> points;
    ListedRow row;
    long long n = 0;
    ReadNumber value, low, high;
    const long long limit = limit_of(query.last);
    soci::statement statement(sql);
    row.bind(statement);
    statement.exchange(soci::into(n));
    for (ReadNumber* number : {&value, &low, &high})
        statement.exchange(soci::into(number->value, number->present));
    statement.exchange(soci::use(query.scenario));
    statement.exchange(soci::use(query.measure));
    statement.exchange(soci::use(limit));
    for_each_row(statement,
                 "select " + ListedRow::columns() +
                     ", m.n, m.value, m.low, m.high from faultline_runs r"
                     " join faultline_measures m on m.run = r.run"
                     " where r.scenario = :scenario and m.name = :measure" +
                     newest_first + " limit :limit",
                 [&] {
                     TrendPoint point{.run = row.stored(),
                                      .n = static_cast<std::size_t>(n),
                                      .value = value.number()};
                     point.interval.low = low.number().value_or(point.interval.low);
                     point.interval.high = high.number().value_or(point.interval.high);
                     points.push_back(std::move(point));
                 });
    return points;
}

std::vector<std::string> read_ids(soci::session& sql) {
    return read_names(sql, "select run from faultline_runs");
}

std::vector<std::string> read_scenario_names(soci::session& sql) {
    return read_names(sql, "select distinct scenario from faultline_runs order by scenario");
}

std::vector<std::string> read_measure_names(soci::session& sql, const std::string& scenario) {
    return read_names(sql,
                      "select distinct m.name from faultline_measures m"
                      " join faultline_runs r on r.run = m.run where r.scenario = :scenario"
                      " order by m.name",
                      {scenario});
}

std::vector<std::string> runs_with_summary(soci::session& sql) {
    return read_names(sql, "select run from faultline_documents where name = 'summary.json'");
}

Result<std::optional<Summary>> read_summary_row(soci::session& sql, const std::string& run) {
    FL_TRY(const std::string text, read_document(sql, run, "summary.json"));
    if (text.empty()) return std::optional<Summary>();
    FL_TRY(Summary summary, decode_summary(text));
    return std::optional(std::move(summary));
}

Result<RunRecord> read_record(soci::session& sql, const std::string& run) {
    FL_TRY(const std::string manifest, read_document(sql, run, "run.json"));
    FL_TRY(RunRecord record, decode_manifest(manifest));
    FL_TRY(record.summary, read_summary_row(sql, run));
    FL_TRY(const std::string lines, read_document(sql, run, "trials.jsonl"));
    for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = lines.find('\n', at);
        FL_TRY(TrialRecord trial, decode_trial(lines.substr(at, end - at)));
        record.trials.push_back(std::move(trial));
        at = end + 1;
    }
    return record;
}

}  // namespace faultline
