// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "harness/base/time.hpp"

namespace faultline {

/// What /proc/PID/stat says. Source: proc(5).
struct ProcessStat {
    pid_t pid = 0;
    std::string name;  // of the program, at most 15 letters
    char state = '?';  // 'Z': zombie, 'T': stopped
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    std::uint64_t start_ticks = 0;  // since boot
};

/// Absent when there is no such process.
[[nodiscard]] std::optional<ProcessStat> process_stat(pid_t pid);
[[nodiscard]] std::optional<ProcessStat> parse_process_stat(pid_t pid, const std::string& text);
/// The most that the program of this process ever had in memory at once (VmHWM). Units: bytes.
/// Absent: it has ended, reaped or not; there is nothing to see then.
/// Unlike ru_maxrss it starts from nothing with execve, where that begins with what the harness,
/// whose memory the child shared until then, had.
/// Source: proc(5), getrusage(2); Linux fs/exec.c, exec_mmap.
[[nodiscard]] std::optional<std::uint64_t> memory_peak_of(pid_t pid);
[[nodiscard]] std::optional<std::uint64_t> parse_memory_peak(const std::string& status);
[[nodiscard]] std::vector<pid_t> all_pids();
[[nodiscard]] std::vector<ProcessStat> processes_of_session(pid_t session);

/// The environment a process was started with, entries ended by NUL; empty when unreadable.
/// Programs that rewrite their title (Redis, PostgreSQL) may have overwritten it.
[[nodiscard]] std::string environment_of(pid_t pid);
/// Whether `environment` holds exactly `setting` ("NAME=value").
[[nodiscard]] bool environment_holds(const std::string& environment, const std::string& setting);
[[nodiscard]] std::vector<pid_t> processes_where(
    const std::function<bool(const std::string& environment)>& condition);

/// Signals the process only if it is the one that started at `start_ticks`. False: it is gone.
bool signal_same_process(pid_t pid, std::uint64_t start_ticks, int number);

/// Kills whom `find` finds, and again what was born meanwhile, until it finds nobody or `deadline`
/// passes. Returns whether nobody is left.
bool kill_until_none(const std::function<std::vector<pid_t>()>& find, Instant deadline);

}  // namespace faultline
