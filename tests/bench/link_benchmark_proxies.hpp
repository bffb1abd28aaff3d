// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/time.hpp"
#include "tests/bench/link_benchmark_processes.hpp"

/// What the link benchmark compares: our proxy and Toxiproxy's server, each in its own process.
namespace faultline::bench {

/// What stands between client and server.
class Proxy {
  public:
    virtual ~Proxy() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    /// The port that leads to `upstream`.
    [[nodiscard]] virtual std::uint16_t lead_to(std::uint16_t upstream) = 0;
    /// Delays what is sent to the server of that port from now on; zero takes it back.
    virtual void delay(std::uint16_t port, Duration delay) = 0;
    /// How long it takes to put a delay on and to take it off again, so many times.
    [[nodiscard]] virtual std::vector<Duration> time_changes(std::uint16_t port, int times) = 0;
    [[nodiscard]] virtual const Process& process() const = 0;
};
[[nodiscard]] std::unique_ptr<Proxy> start_our_proxy();
/// `program`: Toxiproxy's server.
[[nodiscard]] std::unique_ptr<Proxy> start_toxiproxy(const std::string& program);

}  // namespace faultline::bench
