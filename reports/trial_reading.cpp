// SPDX-License-Identifier: Apache-2.0
#include "reports/trial_reading.hpp"

#include <atomic>
#include <thread>

#include <fmt/format.h>

#include "harness/result/result_directory.hpp"

namespace faultline::reports {
namespace {

TrialDigest read_one(const std::filesystem::path& directory,
                     const TrialWanted& wanted,
                     DigestOptions options) {
    options.detail = wanted.detail;
    const auto folder = directory / "trials" / fmt::format("{:04}", wanted.trial);
    TrialDigest digest;
    std::error_code unreadable;
    if (!std::filesystem::exists(folder / "timeline.jsonl", unreadable)) {
        digest.missing = "it has no timeline.jsonl";
    } else if (auto timeline = read_timeline(folder); timeline) {
        digest = digest_of(*timeline, options);
    } else {
        digest.missing = timeline.error().message;
    }
    digest.trial = wanted.trial;
    return digest;
}

}  // namespace

std::vector<TrialDigest> read_trials(const std::filesystem::path& directory,
                                     const std::vector<TrialWanted>& wanted,
                                     const DigestOptions& options) {
    std::vector<TrialDigest> digests(wanted.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t index = next++; index < wanted.size(); index = next++)
            digests[index] = read_one(directory, wanted[index], options);
    };
    std::vector<std::jthread> threads;
    for (std::size_t count = 1; count < std::min(reading_threads, wanted.size()); ++count)
        threads.emplace_back(work);
    work();
    threads.clear();  // joins
    return digests;
}

}  // namespace faultline::reports
