// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/time.hpp"

/// What the link benchmark sends through a port, whether a server or a proxy stands there.
namespace faultline::bench {

/// Sends `bytes` on one connection to the sink. Returns bytes per second, until it has all.
[[nodiscard]] double bulk(std::uint16_t port, std::uint64_t bytes);

/// Round trips of 64 bytes on one connection to the echo, one after the other.
[[nodiscard]] std::vector<Duration> round_trips(std::uint16_t port, int count);

/// How long 64 bytes take one way, to the clock, with a pause before each.
[[nodiscard]] std::vector<Duration> one_way(std::uint16_t port, int count, Duration pause);

/// Requests per second on `connections` at once, each with one request under way.
[[nodiscard]] double requests(std::uint16_t port, int connections, int count);

/// Connections per second: each sends a byte, gets it back and closes; `together` are open at a
/// time.
[[nodiscard]] double new_connections(std::uint16_t port, int count, int together);

/// Connections that have carried one byte each way.
[[nodiscard]] std::vector<UniqueFd> idle_connections(std::uint16_t port, std::size_t count);

[[nodiscard]] double median(std::vector<double> values);
/// The value below which that share of the values lies. Requires: not empty.
[[nodiscard]] Duration quantile_of(std::vector<Duration> values, double share);

}  // namespace faultline::bench
