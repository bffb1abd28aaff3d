// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/loop.hpp"
#include "harness/launch/cgroup.hpp"
#include "harness/launch/guardian.hpp"
#include "harness/launch/process.hpp"
#include "harness/scenario/model.hpp"

namespace faultline {

/// Whoever wants to see an instance's life. Called on the loop's thread.
struct InstanceObserver {
    /// One line of output as it arrived, without its newline; lines over 64 KiB come in pieces.
    std::function<void(
        const std::string& instance, bool is_stderr, std::string_view line, Instant arrived)>
        on_line;
    std::function<void(const std::string& instance, const ExitStatus& status)> on_exit;
};

/// What an instance is started with, all templates expanded.
struct InstancePlan {
    std::string name;  // "kv[0]"
    std::string target;
    int index = 0;
    std::filesystem::path folder;         // ${dir}: files, working directory
    std::filesystem::path output_folder;  // stdout, stderr and their stamps go here
    std::vector<std::string> command;
    std::map<std::string, std::string> environment;
    std::string working_folder;
    std::map<std::string, std::string> files;
    std::map<std::string, std::uint16_t> ports;
    StopSpec stop;
    LimitSpec limits;
    std::optional<std::filesystem::path> cgroup;  // absent: no cgroup v2 here
    Secrets secrets{};                            // masked in what it prints
    int network_fd = -1;  // its network namespace, held by others for as long; -1: the machine's
};

/// One running target process with its folder, output and exit.
/// Output: `stdout`, `stderr` as they came; `stdout.stamps`, `stderr.stamps` hold "<monotonic ns>
/// <byte offset>" per line. A file beyond 64 MiB takes no more, which is noted at its end; lines go
/// on being reported. Thread: the loop's, except `signal`.
class Instance {
  public:
    Instance(Loop& loop,
             Guardian& guardian,
             LaunchMethod method,
             InstancePlan plan,
             InstanceObserver observer);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    /// Writes the files (first time) and starts the process; again after it has ended.
    /// Errors: the step that failed; a start that was made to fail (`fail_next_starts`).
    [[nodiscard]] Result<> start();

    [[nodiscard]] const InstancePlan& plan() const;
    [[nodiscard]] const std::string& name() const { return plan().name; }
    [[nodiscard]] bool running() const;
    [[nodiscard]] int starts() const;  // how often it was started
    [[nodiscard]] Process& process();  // of the last start
    [[nodiscard]] const std::optional<ExitStatus>& last_exit() const;
    [[nodiscard]] const Cgroup* cgroup() const;
    /// The most memory that a process it started had resident when it was looked at: before every
    /// signal that ends it, and by `look_at_memory`. What it starts itself is not in it. Units:
    /// bytes. Absent: each ended by itself before.
    [[nodiscard]] std::optional<std::uint64_t> memory_peak() const;
    /// To be called before others end it: a process that has ended does not tell.
    void look_at_memory();
    /// The next `count` starts fail as if the program could not be executed.
    void fail_next_starts(int count);

    /// Asks it to end (stop signal, then SIGKILL after the grace) without waiting.
    void begin_stop();
    /// Kills what is left of it, descendants included. Returns when nothing remains.
    [[nodiscard]] Result<> finish_stop(Instant deadline);

    /// The last `count` lines of its output, stderr first, for messages.
    [[nodiscard]] std::vector<std::string> last_lines(std::size_t count) const;

  private:
    struct State;
    // Shared with handlers that are queued on the loop when the instance goes away.
    std::shared_ptr<State> state_;
};

}  // namespace faultline
