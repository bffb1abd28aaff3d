// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "targets/core/failover/consensus.hpp"
#include "tests/simulation/workload/key_value.hpp"
#include "tests/simulation/world/counts.hpp"
#include "tests/simulation/world/plan.hpp"
#include "tests/simulation/world/trace.hpp"

namespace ftcore::simulation {

/// What a node is at one moment, as far as it says so itself.
struct Glance {
    bool up = false;
    Role role = Role::follower;
    Term term = 0;
    NodeId leader = nobody;
    bool serving = false;
    Index commit = 0;
    Index last = 0;
    SnapshotMark snapshot{};
    std::optional<Instant> lease_until{};
};

[[nodiscard]] Glance glance_at(const Consensus& consensus);

/// What one input did to a node, before the effects are carried out.
struct Step {
    NodeId node = nobody;
    const Glance& before;
    const Glance& after;
    const Effects& effects;
    const Consensus& consensus;
};

/// What became of one try of a client.
struct Reply {
    enum class Kind : std::uint8_t { done, refused, unknown } kind = Kind::unknown;
    std::uint64_t attempt = 0;
    Applied result{};
    NodeId leader = nobody;  // whom to ask instead
};

/// What a node sees of the world.
class Surroundings {
  public:
    virtual ~Surroundings() = default;

    [[nodiscard]] virtual TrueTime now() const = 0;
    virtual void at(TrueTime time, std::function<void()> action) = 0;
    virtual void send(Message message) = 0;
    /// Some ways are open again: what was held back on them arrives.
    virtual void healed() = 0;
    /// Whether the two reach each other, both ways.
    [[nodiscard]] virtual bool linked(NodeId a, NodeId b) const = 0;
    virtual void reply(NodeId node, Reply reply) = 0;

    // for the checkers
    virtual void started(NodeId node, const Recovered& recovered, const Consensus& consensus) = 0;
    virtual void stepped(const Step& step) = 0;
    /// An agreed command was carried out, and the state has this digest now.
    virtual void applied(NodeId node, const Entry& entry, std::uint64_t digest) = 0;
    virtual void acknowledged(Index index) = 0;
    virtual void read_asked(std::uint64_t attempt) = 0;
    virtual void readable(NodeId node, std::uint64_t attempt, Index index) = 0;
    /// Something was lost that the level does not promise to keep.
    virtual void promise_weakened() = 0;
    virtual void broken(std::string_view property, std::string how) = 0;

    [[nodiscard]] virtual const Plan& plan() const = 0;
    virtual Counts& counts() = 0;
    virtual Trace& trace() = 0;
};

}  // namespace ftcore::simulation
