// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/result/store.hpp"

namespace soci {
class session;
}

namespace faultline {

// The store's tables (store_schema.hpp) as values. What reads and writes rows is called within a
// transaction and throws what SOCI throws; values reach the database as parameters only.

struct MeasureRow {
    std::string name;  // "recovery_time.p95"; of further injections "second.recovery_time.p95"
    std::size_t n = 0;
    std::optional<double> value{};
    Interval interval{};
};
/// Every measure of a run. Pure.
[[nodiscard]] std::vector<MeasureRow> measure_rows(const Summary& summary);

struct DocumentRow {
    std::string name;  // of the file in a result directory
    long long part = 0;
    std::string content;  // packed
};

/// A run as rows, made before the database is locked.
struct RunRows {
    StoredRun run;
    long long started_ms = 0;  // of the first trial: orders runs of one second
    std::vector<DocumentRow> documents{};
    std::vector<MeasureRow> measures{};
};
[[nodiscard]] RunRows rows_of(const RunRecord& run, const std::filesystem::path& directory);

/// Puts the rows in the place of earlier ones of this run.
void write_run_rows(soci::session& sql, const RunRows& rows);
void write_measure_rows(soci::session& sql,
                        const std::string& run,
                        const std::vector<MeasureRow>& measures);
void delete_all_rows(soci::session& sql);

/// Newest first.
[[nodiscard]] std::vector<StoredRun> read_run_rows(soci::session& sql, const HistoryQuery& query);
/// Those whose id begins so, at most `count`.
[[nodiscard]] std::vector<StoredRun> read_run_rows_from(soci::session& sql,
                                                        const std::string& beginning,
                                                        std::size_t count);
/// Newest first.
[[nodiscard]] std::vector<TrendPoint> read_trend_rows(soci::session& sql, const TrendQuery& query);
[[nodiscard]] std::vector<std::string> read_ids(soci::session& sql);
[[nodiscard]] std::vector<std::string> read_scenario_names(soci::session& sql);
[[nodiscard]] std::vector<std::string> read_measure_names(soci::session& sql,
                                                          const std::string& scenario);

/// The documents of a run put together again. Errors: one is damaged or missing.
[[nodiscard]] Result<RunRecord> read_record(soci::session& sql, const std::string& run);
[[nodiscard]] std::vector<std::string> runs_with_summary(soci::session& sql);
[[nodiscard]] Result<std::optional<Summary>> read_summary_row(soci::session& sql,
                                                              const std::string& run);

}  // namespace faultline
