// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/process/cpu_usage.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <iterator>

namespace faultline {
namespace {

/// The kernel keeps usage_usec for every cgroup v2, also without the cpu controller.
std::optional<Duration> usage_in(const std::string& cpu_stat) {
    const std::string_view name = "usage_usec ";
    const std::size_t found = cpu_stat.find(name);
    if (found == std::string::npos) return std::nullopt;
    std::int64_t microseconds = 0;
    const char* begin = cpu_stat.data() + found + name.size();
    const auto [stop, error] =
        std::from_chars(begin, cpu_stat.data() + cpu_stat.size(), microseconds);
    if (error != std::errc{}) return std::nullopt;
    return std::chrono::microseconds(microseconds);
}

}  // namespace

Result<Duration> cpu_time_of(const HeldProcess& process) {
    if (const auto cgroup = process.victim().cgroup()) {
        const auto stat = read_file(*cgroup / "cpu.stat");
        const auto usage = stat ? usage_in(*stat) : std::nullopt;
        if (usage) return *usage;
    }
    clockid_t clock{};
    timespec time{};
    if (process.gone() || ::clock_getcpuclockid(process.pid(), &clock) != 0 ||
        ::clock_gettime(clock, &time) != 0) {
        return fail("the CPU time of " + process.label() + " cannot be read: it has ended",
                    ErrorCode::not_found);
    }
    return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
}

int threads_of(const HeldProcess& process) {
    std::error_code error;
    const std::filesystem::directory_iterator tasks(
        "/proc/" + std::to_string(process.pid()) + "/task", error);
    if (error) return 1;
    return std::max(1, static_cast<int>(std::distance(begin(tasks), end(tasks))));
}

}  // namespace faultline
