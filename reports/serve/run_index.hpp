// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "reports/serve/run_entry.hpp"

namespace faultline::reports {

/// Which runs are asked for; what is empty does not matter.
struct RunFilter {
    std::string scenario{};
    std::string status{};  // "pass", "fail", "under way", ...
    std::string text{};    // words that must all be somewhere in what is listed; case counts not
};

/// The runs below a folder, by id and newest first. It holds what the list shows and nothing else,
/// about a kilobyte a run.
/// Thread: one.
class RunIndex {
  public:
    /// Requires: `root` is a folder, absolute and without links.
    explicit RunIndex(std::filesystem::path root) : root_(std::move(root)) {}

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }
    [[nodiscard]] std::size_t size() const { return runs_.size(); }

    /// A run with its JSON, as kept.
    struct Run {
        RunEntry entry;
        std::string json;   // of the entry
        std::string words;  // what the text filter looks in, in lower case
    };

    /// Takes an entry, in the place of the one that was there.
    const Run& put(RunEntry entry);
    /// Reads the run in a result directory and takes it.
    const Run& read(const std::filesystem::path& directory);
    /// Forgets the runs in `folder` and below it; their ids.
    std::vector<std::string> forget(const std::filesystem::path& folder);
    void clear();

    /// By id, by the run id where only one run has it, or by a unique beginning. Null: none or
    /// many.
    [[nodiscard]] const Run* find(std::string_view id) const;
    [[nodiscard]] const Run* at(const std::filesystem::path& directory) const;
    /// Newest first.
    [[nodiscard]] std::vector<const Run*> select(const RunFilter& filter) const;
    /// Names and how many runs each has.
    [[nodiscard]] std::map<std::string, std::size_t> scenarios() const;
    [[nodiscard]] std::map<std::string, std::size_t> statuses() const;

  private:
    const std::vector<const Run*>& newest_first() const;

    std::filesystem::path root_;
    std::map<std::string, std::unique_ptr<Run>> runs_{};  // by directory
    std::map<std::string, const Run*, std::less<>> by_id_{};
    mutable std::vector<const Run*> order_{};
    mutable bool ordered_ = false;
};

/// What lies below a folder, links not followed.
struct FoundFolders {
    std::vector<std::filesystem::path>
        runs{};  // result directories; what is in them is not looked at
    std::vector<std::filesystem::path> others{};  // folders in which runs may appear
    std::string trouble{};                        // what was left out, and why; empty: nothing
};
/// `enter` is called for each folder before it is looked at, so that whoever watches it from then
/// on misses nothing.
[[nodiscard]] FoundFolders find_folders(
    const std::filesystem::path& folder,
    const std::function<void(const std::filesystem::path&)>& enter = {});

/// Reads many runs, on two threads. Shape: as `directories`.
[[nodiscard]] std::vector<RunEntry> read_run_entries(
    const std::filesystem::path& root, const std::vector<std::filesystem::path>& directories);

}  // namespace faultline::reports
