// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "targets/core/errors/error_code.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// What one node tells the others about itself with every beat.
struct Health {
    Duration storage_latency{};  // recent p99 of a synced write
    bool storage_ok = true;
    bool serving = false;
    bool overloaded = false;
    Duration loop_lag{};                // recent worst lateness of its own event loop
    std::vector<NodeId> unreachable{};  // whom it suspects
};

/// What the outside saw. `peer` is never `self`.
namespace signal {
struct Beat {  // a heartbeat came; beats are sent on a timer, apart from data
    NodeId peer;
    std::uint64_t sequence;
    Duration interval;  // at which the sender sends them now
    Health health;
};
struct Connected {
    NodeId peer;
    std::uint64_t incarnation;  // random per process start
};
struct ConnectionLost {
    NodeId peer;
};
struct ConnectRefused {  // nobody listens: the process is gone, unless
    NodeId peer;
    bool heard = false;  // its own connection to us still stands
};
struct ConnectTimedOut {
    NodeId peer;
};
struct Probed {  // a fresh connection was accepted by the kernel
    NodeId peer;
};
struct Operation {  // one client command was answered
    Duration latency;
    ErrorCode outcome;
};
struct Storage {  // one synced write
    Duration latency;
    ErrorCode outcome;
    std::string what;
};
struct LoopLag {  // a timer of our own fired this late
    Duration lag;
};
struct Corruption {  // a checksum did not match
    std::string where;
};
struct ActionDone {
    std::uint64_t id;
    bool ok;
    std::string detail;
};
struct Resources {
    double cpu_share;
    std::int64_t memory_bytes;
    std::int64_t disk_free_bytes;
};
}  // namespace signal

using Signal = std::variant<signal::Beat,
                            signal::Connected,
                            signal::ConnectionLost,
                            signal::ConnectRefused,
                            signal::ConnectTimedOut,
                            signal::Probed,
                            signal::Operation,
                            signal::Storage,
                            signal::LoopLag,
                            signal::Corruption,
                            signal::ActionDone,
                            signal::Resources>;

}  // namespace ftcore
