// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/time.hpp"

/// The processes of the link benchmark.
namespace faultline::bench {

/// A loopback port that connects to nothing, for benchmarks that start servers by number.
[[nodiscard]] std::uint16_t free_port();

/// A blocking connection to "127.0.0.1:port"; aborts the benchmark when there is none.
[[nodiscard]] UniqueFd connect_to(std::uint16_t port);
void send_all(int fd, std::string_view bytes);
void receive_exactly(int fd, char* bytes, std::size_t count);

/// Ends its process with itself.
class Process {
  public:
    explicit Process(pid_t pid) : pid_(pid) {}
    Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
    Process& operator=(Process&&) = delete;
    Process(const Process&) = delete;
    ~Process();
    [[nodiscard]] pid_t pid() const { return pid_; }
    /// Processor time used so far, and memory in use now.
    [[nodiscard]] Duration processor_time() const;
    [[nodiscard]] std::uint64_t resident_bytes() const;

  private:
    pid_t pid_;
};

/// Forks; the child dies with this process. Returns 0 in the child.
[[nodiscard]] pid_t fork_dying_with_us();
/// Runs a program, silently.
[[nodiscard]] Process started(const std::vector<std::string>& words);
/// Until somebody listens on that port.
void wait_for(std::uint16_t port);

/// Sends back what it gets; reads to the end and then says how much it was; answers each message
/// with the instant at which it came, in nanoseconds.
struct Servers {
    std::uint16_t echo;
    std::uint16_t sink;
    std::uint16_t clock;
    std::vector<Process> processes;
};
[[nodiscard]] Servers start_servers();

}  // namespace faultline::bench
