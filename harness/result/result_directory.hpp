// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"
#include "harness/result/record.hpp"

namespace faultline {

/// A run's folder: run.json, trials.jsonl, summary.json, trials/0007/.
/// Errors: disk full and read-only are `no_space` and `permission`, with the path and what to do.
class ResultDirectory {
  public:
    /// Makes a new one; a folder that already holds a run is an error (`exists`).
    [[nodiscard]] static Result<ResultDirectory> create(const std::filesystem::path& path,
                                                        const RunRecord& manifest);
    /// Opens one to add the missing trials, and cuts a last line that a crash tore.
    /// Errors: not a result directory, another version, in use by another faultline.
    [[nodiscard]] static Result<ResultDirectory> resume(const std::filesystem::path& path);
    /// The same for the run that `manifest` would start. Errors: also another scenario or seed.
    [[nodiscard]] static Result<ResultDirectory> resume(const std::filesystem::path& path,
                                                        const RunRecord& manifest);
    ResultDirectory(ResultDirectory&&) noexcept = default;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path trial_folder(int trial) const;  // trials/0007, not created
    /// Appends the line and syncs it; after an error nothing of the line is left.
    [[nodiscard]] Result<> append_trial(const TrialRecord& record);
    /// timeline.jsonl and operations.zst of a trial. Not synced: they are evidence, not the record.
    [[nodiscard]] Result<> write_timeline(int trial, const Timeline& timeline);
    [[nodiscard]] Result<> write_summary(const Summary& summary, const InstrumentError& instrument);
    /// A rendering beside them: report.md, junit.xml, metrics.prom.
    [[nodiscard]] Result<> write_report(const std::string& name, const std::string& content);

  private:
    ResultDirectory(std::filesystem::path path, UniqueFd trials)
        : path_(std::move(path)), trials_(std::move(trials)) {}

    std::filesystem::path path_;
    UniqueFd trials_;
};

/// Reads a run back: the manifest, its trials by number and, where it was finished, its summary as
/// it was judged then. To judge anew, give the trials' `measured_of` to `judge` with the scenario,
/// which the manifest holds as resolved. A torn last line is left out. Errors: not a result
/// directory, another version, the line that does not parse.
[[nodiscard]] Result<RunRecord> read_run(const std::filesystem::path& path);

/// The result directories below `root`, itself included, sorted; not those inside another. Folders
/// that may not be entered are passed over. Errors (`not_found`): no such folder.
[[nodiscard]] Result<std::vector<std::filesystem::path>> find_result_directories(
    const std::filesystem::path& root);

/// Reads a trial's timeline back, for rendering and tests.
[[nodiscard]] Result<Timeline> read_timeline(const std::filesystem::path& trial_folder);

}  // namespace faultline
