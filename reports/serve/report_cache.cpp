// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/report_cache.hpp"

#include <algorithm>
#include <exception>
#include <sys/stat.h>
#include <utility>

#include <fmt/format.h>

#include "harness/result/result_directory.hpp"
#include "reports/renderer.hpp"

namespace faultline::reports {
namespace {

constexpr std::size_t jobs_max = 32;
constexpr std::size_t kept_bytes_max = std::size_t{64} << 20;

/// Changes when one of the files does.
std::string stamp_of(const std::filesystem::path& directory) {
    std::string stamp;
    for (const char* name : {"run.json", "trials.jsonl", "summary.json"}) {
        struct stat facts {};
        if (::stat((directory / name).c_str(), &facts) != 0) continue;
        stamp += fmt::format("{} {}.{:09} {} {};",
                             name,
                             facts.st_mtim.tv_sec,
                             facts.st_mtim.tv_nsec,
                             facts.st_size,
                             facts.st_ino);
    }
    return stamp;
}

}  // namespace

ReportCache::ReportCache(Judge judge) : judge_(std::move(judge)), thread_([this] { work(); }) {}

ReportCache::~ReportCache() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

bool ReportCache::render(Wanted wanted, Done done) {
    {
        const std::lock_guard lock(mutex_);
        if (jobs_.size() >= jobs_max) return false;
        jobs_.push_back({std::move(wanted), std::move(done)});
    }
    changed_.notify_all();
    return true;
}

void ReportCache::work() {
    for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (ending_) return;
        const Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job.done(text_of(job.wanted));
    }
}

Result<std::shared_ptr<const std::string>> ReportCache::text_of(const Wanted& wanted) {
    const std::string key =
        fmt::format("{} {} {}", wanted.format, wanted.trial.value_or(0), wanted.directory.string());
    // Before reading: what changes meanwhile is a change.
    const std::string stamp = stamp_of(wanted.directory);
    const auto found =
        std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.key == key; });
    if (found != kept_.end()) {
        kept_.splice(kept_.begin(), kept_, found);
        if (kept_.front().stamp == stamp) return kept_.front().text;
        kept_bytes_ -= kept_.front().text->size();
        kept_.pop_front();
    }
    FL_TRY(std::string text, rendered(wanted));
    auto shared = std::make_shared<const std::string>(std::move(text));
    kept_bytes_ += shared->size();
    kept_.push_front({key, stamp, shared});
    while (kept_bytes_ > kept_bytes_max && kept_.size() > 1) {
        kept_bytes_ -= kept_.back().text->size();
        kept_.pop_back();
    }
    return shared;
}

Result<std::string> ReportCache::rendered(const Wanted& wanted) const {
    const Renderer* renderer = find_renderer(wanted.format);
    if (renderer == nullptr) return fail("no format " + wanted.format, ErrorCode::not_found);
    FL_TRY(RunRecord run, read_run(wanted.directory));
    if (!run.summary) FL_TRY_VOID(judge_(run));
    if (wanted.trial &&
        std::none_of(run.trials.begin(), run.trials.end(), [&wanted](const TrialRecord& trial) {
            return trial.trial == *wanted.trial;
        })) {
        return fail(fmt::format("there is no trial {} in this run", *wanted.trial),
                    ErrorCode::not_found);
    }
    try {
        return renderer->render(run, {.directory = wanted.directory, .trial = wanted.trial});
    } catch (const std::exception& error) {
        // Libraries under the renderers throw; one odd record may not end the server for all
        // others.
        return fail(fmt::format("rendering {} failed: {}", wanted.format, error.what()));
    }
}

}  // namespace faultline::reports
