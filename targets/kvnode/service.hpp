// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "harness/base/resp_request.hpp"
#include "harness/base/time.hpp"
#include "targets/core/runtime/node.hpp"
#include "targets/kvnode/redirect.hpp"
#include "targets/kvnode/store.hpp"

namespace kvnode {

struct ServiceSettings {
    Redirect redirect = Redirect::readonly;
    faultline::RespRequestLimits limits{};
    std::size_t key_bytes_max = std::size_t{64} << 10;
    std::size_t connections_max = 1000;
    std::size_t pipeline_max = 1024;  // unanswered commands of one connection; then it is not read
    std::size_t unsent_bytes_max = std::size_t{64} << 20;  // replies waiting for one slow reader
};

/// Latencies in powers of two from 16 us, for the metrics.
struct LatencyCounts {
    static constexpr std::size_t bucket_count = 20;
    std::array<std::uint64_t, bucket_count + 1> buckets{};
    double sum_seconds = 0;
    std::uint64_t count = 0;

    [[nodiscard]] static double bound_seconds(std::size_t bucket) {
        return 16e-6 * static_cast<double>(std::uint64_t{1} << bucket);
    }
    void add(faultline::Duration latency) {
        const double seconds = faultline::seconds_of(latency);
        std::size_t bucket = 0;
        while (bucket < bucket_count && seconds > bound_seconds(bucket))
            ++bucket;
        ++buckets[bucket];
        sum_seconds += seconds;
        ++count;
    }
};

/// What the connections of one node share. Thread: the node's loop.
struct Service {
    ftcore::Node& node;
    Store& store;
    ServiceSettings settings{};
    faultline::Instant started{};

    // ---- counters since the start
    std::uint64_t connections_total = 0;
    std::uint64_t connections_now = 0;
    std::uint64_t connections_refused = 0;
    std::uint64_t commands_total = 0;
    std::uint64_t refusals_total = 0;
    std::uint64_t protocol_errors_total = 0;
    LatencyCounts writes{};
    LatencyCounts reads{};
};

}  // namespace kvnode
