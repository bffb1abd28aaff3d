// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/process_figures.hpp"

#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

namespace faultline::link {
namespace {

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::uint64_t entries_of(const char* folder) {
    std::error_code error;
    std::uint64_t count = 0;
    auto entry = std::filesystem::directory_iterator(folder, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
        ++count;
    return count;
}

}  // namespace

ProcessFigures read_process_figures() {
    ProcessFigures figures;
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0)
        figures.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.descriptors_max = limit.rlim_cur;
    const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    if (std::ifstream("/proc/self/statm") >> total >> resident) {
        figures.virtual_bytes = total * page_bytes;
        figures.resident_bytes = resident * page_bytes;
    }
    figures.open_descriptors = entries_of("/proc/self/fd");
    figures.threads = entries_of("/proc/self/task");
    return figures;
}

}  // namespace faultline::link
