// SPDX-License-Identifier: Apache-2.0
// Source: man 2 getrusage, man 5 proc (/proc/pid/statm).
#include "targets/core/runtime/resources.hpp"

#include <cstdio>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/base/file.hpp"

namespace ftcore {
namespace {

Duration span_of(const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

/// User and system time of all threads so far.
Duration cpu_used() {
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) != 0) return {};
    return span_of(usage.ru_utime) + span_of(usage.ru_stime);
}

/// 0 when /proc is not there.
std::int64_t resident_bytes() {
    const auto statm = faultline::read_file("/proc/self/statm");
    long long total = 0;
    long long resident = 0;
    if (!statm || std::sscanf(statm->c_str(), "%lld %lld", &total, &resident) != 2) return 0;
    return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace

signal::Resources ResourceMeter::look(Instant now, std::optional<std::int64_t> disk_free_bytes) {
    const Duration used = cpu_used();
    signal::Resources resources{.cpu_share = 0,
                                .memory_bytes = resident_bytes(),
                                .disk_free_bytes = disk_free_bytes.value_or(0)};
    if (looked_ && now > *looked_) {
        resources.cpu_share =
            faultline::seconds_of(used - cpu_used_) / faultline::seconds_of(now - *looked_);
    }
    looked_ = now;
    cpu_used_ = used;
    return resources;
}

}  // namespace ftcore
