// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/search/search.hpp"

#include <poll.h>

#include "tests/simulation/search/worker.hpp"

namespace ftcore::simulation {
namespace {

constexpr int progress_period_ms = 1000;

struct Search {
    const SearchSettings& settings;
    SearchResult result{};
    Instant began = faultline::now();

    [[nodiscard]] bool enough() const {
        if (!result.failures.empty() && !settings.keep_going) return true;
        return settings.time_max > Duration{} && faultline::now() - began > settings.time_max;
    }

    void take(const Report& report) {
        ++result.seeds;
        result.counts.add(report.counts);
        if (!report.clean()) result.failures.push_back(report);
    }
};

}  // namespace

Report run_seed(std::uint64_t seed, const Wanted& wanted, std::FILE* trace_out) {
    World world(draw_plan(seed, wanted), Trace(trace_out));
    return world.run();
}

Result<SearchResult> search(const SearchSettings& settings,
                            const std::function<void(const SearchResult&)>& progress) {
    Search search{settings};
    // After a death the remaining seeds of that worker are given to a new one.
    std::vector<std::unique_ptr<Worker>> workers;
    for (unsigned number = 0; number < settings.jobs; ++number) {
        FL_TRY(auto worker, Worker::start(settings, number));
        workers.push_back(std::move(worker));
    }
    Instant told = search.began;
    while (!workers.empty() && !search.enough()) {
        std::vector<pollfd> waiting;
        for (const auto& worker : workers)
            waiting.push_back({.fd = worker->fd(), .events = POLLIN, .revents = 0});
        const int ready = ::poll(waiting.data(), waiting.size(), progress_period_ms);
        if (ready < 0 && errno != EINTR) return faultline::fail_errno("waiting for workers", errno);
        for (std::size_t at = 0; ready > 0 && at < waiting.size(); ++at) {
            if (waiting[at].revents == 0) continue;
            const std::vector<Report> reports = workers[at]->read();
            for (const Report& report : reports)
                search.take(report);
            if (!workers[at]->ended() || reports.empty() || !settings.keep_going) continue;
            SearchSettings rest = settings;
            rest.first = reports.back().seed + settings.jobs;
            if (rest.first > rest.last) continue;
            FL_TRY(workers[at], Worker::start(rest, 0));
        }
        std::erase_if(workers, [](const auto& worker) { return worker->ended(); });
        search.result.took = faultline::now() - search.began;
        if (faultline::now() - told < std::chrono::milliseconds(progress_period_ms)) continue;
        told = faultline::now();
        if (progress) progress(search.result);
    }
    search.result.took = faultline::now() - search.began;
    return std::move(search.result);
}

}  // namespace ftcore::simulation
