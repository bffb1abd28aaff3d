// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "harness/base/result.hpp"
#include "harness/result/record.hpp"

namespace faultline::reports {

/// Reports as they were rendered last, made anew when the run has changed. Rendering reads the
/// trials and may take a second, so it has a thread of its own and the server goes on.
class ReportCache {
  public:
    /// Judges a run that has no summary, so that a run under way can be shown. Thread: the cache's.
    using Judge = std::function<Result<>(RunRecord&)>;
    explicit ReportCache(Judge judge);
    ~ReportCache();
    ReportCache(const ReportCache&) = delete;
    ReportCache& operator=(const ReportCache&) = delete;

    struct Wanted {
        std::filesystem::path directory;
        std::string format;  // of a renderer
        std::optional<int> trial{};
    };
    using Done = std::function<void(Result<std::shared_ptr<const std::string>>)>;
    /// Thread: any; `done` is called on the cache's. False: too many wait already.
    [[nodiscard]] bool render(Wanted wanted, Done done);

  private:
    struct Kept {
        std::string key;
        std::string stamp;  // of the files that it was made from
        std::shared_ptr<const std::string> text;
    };
    struct Job {
        Wanted wanted;
        Done done;
    };
    void work();
    [[nodiscard]] Result<std::shared_ptr<const std::string>> text_of(const Wanted& wanted);
    [[nodiscard]] Result<std::string> rendered(const Wanted& wanted) const;

    Judge judge_;
    std::list<Kept> kept_{};  // the latest first; the thread's alone
    std::size_t kept_bytes_ = 0;
    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<Job> jobs_{};
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace faultline::reports
