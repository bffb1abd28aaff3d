// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "reports/serve/folder_watch.hpp"
#include "reports/serve/run_index.hpp"

namespace faultline::reports {

/// Something that happened to a run, as those who follow the events are told.
struct RunNews {
    /// "run-started", "trial-done", "run-finished", "run-changed", "run-removed", "runs-changed"
    std::string event;
    std::string data;  // a JSON object
};

/// The runs below a folder as they are, kept so by what the kernel says about the folder: nothing
/// is asked again and again.
///
///   inotify ─► which result directories changed ─► read those ─► index, news
///
/// Of finished runs only the newest are watched: watches are a resource of the user, and a finished
/// run changes only when it is resumed with more trials or removed, which its parent tells.
/// Thread: one.
class LiveRuns {
  public:
    /// Reads all there are. Errors: no such folder; the kernel gives no watch at all.
    [[nodiscard]] static Result<LiveRuns> open(const std::filesystem::path& folder);

    [[nodiscard]] const RunIndex& index() const { return index_; }
    /// Readable when there is something to catch up with.
    [[nodiscard]] int fd() const { return watch_.fd(); }
    [[nodiscard]] std::vector<RunNews> catch_up();
    /// What could not be watched or read, for the user; empty: nothing.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    LiveRuns(std::filesystem::path root, FolderWatch watch)
        : index_(std::move(root)), watch_(std::move(watch)) {}
    /// What of a result directory has to be read.
    struct Touched {
        bool trials = false;  // only more of them
        bool whole = false;
    };
    void take_all(const std::filesystem::path& folder);
    void watch_folder(const std::filesystem::path& folder);
    void leave_old_finished();
    void note(const FolderWatch::Change& change, std::vector<RunNews>& news);
    void forget(const std::filesystem::path& folder, std::vector<RunNews>& news);
    void look_again(const std::filesystem::path& directory,
                    Touched touched,
                    std::vector<RunNews>& news);
    void tell_new_trials(RunEntry& entry, std::vector<RunNews>& news);

    RunIndex index_;
    FolderWatch watch_;
    std::map<std::filesystem::path, Touched> touched_{};
    std::set<std::filesystem::path> unwatched_{};
    std::string trouble_{};
};

}  // namespace faultline::reports
