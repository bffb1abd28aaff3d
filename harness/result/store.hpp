// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/result/record.hpp"

namespace faultline {

/// A run as the store lists it.
struct StoredRun {
    std::string
        run;  // id in the store: that of the run and what sets its cases apart, "k3xw9p.5d0c11e2"
    std::string scenario;
    std::string case_key;  // parameters, "rate=500,nodes=3"; empty without
    std::string started;   // ISO 8601
    std::string host;
    std::string directory;  // absolute, where it was made
    std::string version;
    std::string outcome;  // "pass"; "unfinished" without a summary
    std::size_t fault_trials = 0, control_trials = 0, invalid_trials = 0;
    std::optional<double> detection_p50{}, detection_p95{}, recovery_p50{},
        recovery_p95{};  // nanoseconds, of the first injection
    std::optional<double> success_mean{};
    std::optional<std::uint64_t> lost_writes{};
};

struct HistoryQuery {
    std::string scenario{};  // empty: all
    std::size_t last = 20;   // newest first
};

struct TrendQuery {
    std::string scenario;
    std::string measure;  // "recovery_time.p95"; of further injections "second.recovery_time.p95"
    std::size_t last = 50;
};

/// A run and one of its measures. Units: nanoseconds for spans, shares of 1, counts.
struct TrendPoint {
    StoredRun run;
    std::size_t n = 0;              // trials that it is of
    std::optional<double> value{};  // absent: among the censored
    Interval interval{};            // open at both ends: none is known
};

/// Remembers runs beyond their directories: an SQLite file, or a PostgreSQL that machines share,
/// through one code path. The directories remain the source: what is here can be made from them
/// again. Safe with other processes and machines writing at the same time. Thread: one at a time.
class Store {
  public:
    /// `where` is a path or "postgresql://user@host/database". Makes what is missing and migrates
    /// an older schema. Errors: `permission`, `unavailable`; a schema newer than this program.
    [[nodiscard]] static Result<Store> open(const std::string& where);
    /// The same for reading: makes no new SQLite file. Errors: also `not_found`, with the remedy.
    [[nodiscard]] static Result<Store> open_existing(const std::string& where);
    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;
    ~Store();

    /// Takes a run with its trials; one that is there is replaced.
    [[nodiscard]] Result<> put(const RunRecord& run, const std::filesystem::path& directory);
    [[nodiscard]] Result<std::vector<StoredRun>> history(const HistoryQuery& query);
    /// Reads a run back, whole, also when its directory is gone. `id` may be the unique beginning
    /// of one. Errors: `not_found` with the nearest, `ambiguous` beginnings listed.
    [[nodiscard]] Result<RunRecord> get(const std::string& id);
    /// What the list says about one run. Errors: as `get`.
    [[nodiscard]] Result<StoredRun> find(const std::string& id);
    /// The ids of all runs, sorted.
    [[nodiscard]] Result<std::vector<std::string>> ids();
    /// Oldest first. Runs without the measure are left out.
    [[nodiscard]] Result<std::vector<TrendPoint>> trend(const TrendQuery& query);
    [[nodiscard]] Result<std::vector<std::string>> scenarios();
    /// Of a scenario's runs: "recovery_time.p95", "lost_writes.total". Shape: sorted.
    [[nodiscard]] Result<std::vector<std::string>> measures(const std::string& scenario);
    [[nodiscard]] Result<> clear();

  private:
    class Implementation;
    explicit Store(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> implementation_;
};

/// The id under which the store keeps a run. The cases of one campaign share the run's own id.
[[nodiscard]] std::string stored_id(const RunRecord& run);

/// `where` as messages may show it: without the password of a URL.
[[nodiscard]] std::string shown_store(const std::string& where);

/// `asked`, else $FAULTLINE_STORE, else results/history.sqlite; empty for "none".
[[nodiscard]] std::string store_location(const std::string& asked);

}  // namespace faultline
