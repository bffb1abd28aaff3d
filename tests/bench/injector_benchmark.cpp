// SPDX-License-Identifier: Apache-2.0
// How late the injector fires: idle, and with every core busy.
//   bench_injector [SHOTS]
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <future>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "harness/base/time.hpp"
#include "harness/base/units.hpp"
#include "harness/inject/injector.hpp"

namespace {

using faultline::Duration;

constexpr Duration lead =
    std::chrono::milliseconds(5);  // arming → firing: it has to sleep and wake
constexpr Duration idle_target = std::chrono::microseconds(300);
constexpr Duration busy_target = std::chrono::milliseconds(2);

std::vector<Duration> latenesses(faultline::Injector& injector, int shots) {
    std::vector<Duration> all;
    for (int shot = 0; shot < shots; ++shot) {
        std::promise<Duration> late;
        // An odd part, so that shots do not fall in step with the scheduler's ticks.
        const auto when = faultline::now() + lead + std::chrono::microseconds(shot * 37 % 4000);
        injector.arm(
            when,
            []() -> faultline::Result<> { return {}; },
            [&late](const faultline::Firing& firing) {
                late.set_value(firing.call_begin - firing.planned);
            });
        all.push_back(late.get_future().get());
    }
    std::sort(all.begin(), all.end());
    return all;
}

Duration quantile(const std::vector<Duration>& sorted, double share) {
    const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return sorted[std::min(index, sorted.size() - 1)];
}

void report(const std::string& machine, const std::vector<Duration>& sorted, Duration target) {
    const Duration p99 = quantile(sorted, 0.99);
    fmt::print(
        "injection lateness, {:<14} n {:<5} p50 {:>9} p90 {:>9} p99 {:>9} max {:>9}  asked: p99 <= "
        "{} {}\n",
        machine,
        sorted.size(),
        faultline::format_duration(quantile(sorted, 0.5)),
        faultline::format_duration(quantile(sorted, 0.9)),
        faultline::format_duration(p99),
        faultline::format_duration(sorted.back()),
        faultline::format_duration(target),
        p99 <= target ? "(met)" : "(MISSED)");
}

}  // namespace

int main(int argc, char** argv) {
    const int shots = argc > 1 ? std::max(1, std::atoi(argv[1])) : 500;
    faultline::Injector injector;
    fmt::print("scheduling: {}\n", injector.scheduling());
    report("idle", latenesses(injector, shots), idle_target);

    std::atomic<bool> stop = false;
    std::vector<std::jthread> busy;
    for (unsigned core = 0; core < std::max(1U, std::thread::hardware_concurrency()); ++core) {
        busy.emplace_back([&stop] {
            while (!stop.load(std::memory_order_relaxed)) {
            }
        });
    }
    report("all cores busy", latenesses(injector, shots), busy_target);
    stop = true;
    return 0;
}
