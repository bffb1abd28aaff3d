// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/base/result.hpp"
#include "harness/inject/link/engine.hpp"

namespace faultline {

/// The network between instances where the kernel carries it (isolation "netns").
/// Thread: any (the injector's, the trial's, that of a partition that flaps).
class KernelNetwork {
  public:
    virtual ~KernelNetwork() = default;
    /// One direction of packets between two ends ("kv[0]", "kv[1]", "load").
    struct Path {
        std::string from;
        std::string to;
        auto operator<=>(const Path&) const = default;
    };
    /// Drops every packet on these paths from now on, established connections too; all in one step.
    /// A path that was cut twice passes packets when it was healed twice: faults may overlap, so
    /// each heals exactly what it has cut. Errors: `not_found` for an end that is not there or
    /// cannot be cut off; nothing changes then.
    [[nodiscard]] virtual Result<> cut(const std::vector<Path>& paths) = 0;
    [[nodiscard]] virtual Result<> heal(const std::vector<Path>& paths) = 0;
    /// Drops this share of packets, at random. 0 takes it back; the last one said holds.
    [[nodiscard]] virtual Result<> lose(const std::vector<Path>& paths, double share) = 0;
    /// Packets dropped so far on a path, by cuts and losses.
    [[nodiscard]] virtual Result<std::uint64_t> dropped(const Path& path) = 0;
    /// What does it, for the record. Nobody has to take a cut or loss back if the harness dies: the
    /// namespaces go with their processes.
    [[nodiscard]] virtual std::string mechanism() const = 0;
};

/// A link as a fault sees it: who connects to whom, and what carries it.
struct LinkVictim {
    std::string name;  // "kv[0]->kv[1].peer"
    std::string from;  // "kv[0]", or "load"
    std::string to;    // "kv[1]"
    std::string port;  // "peer"
    /// A proxy carries it, or the kernel, or both: a proxy at the end of `to`, reached through the
    /// kernel's network, so that packets can be dropped on the way there and bytes changed after.
    link::Engine* engine = nullptr;
    link::LinkId id{};
    KernelNetwork* network = nullptr;
};

}  // namespace faultline
