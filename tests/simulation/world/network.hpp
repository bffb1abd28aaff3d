// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/failover/message.hpp"
#include "tests/simulation/world/counts.hpp"
#include "tests/simulation/world/plan.hpp"

namespace ftcore::simulation {

/// Which way is open, and how long a message takes. One-way cuts are ways like all others. A closed
/// way loses what is sent on it, or holds it back until it is open again.
class Network {
  public:
    Network(const NetworkPlan& plan, std::size_t nodes, Random random);

    /// When copies of a message that is sent now arrive: none, one or two.
    struct Arrivals {
        std::size_t count = 0;
        TrueTime at[2]{};
    };
    [[nodiscard]] Arrivals arrivals(TrueTime now, NodeId from, NodeId to, Counts& counts);

    /// Counts the breaks of a connection; what was sent under an older number is lost.
    [[nodiscard]] std::uint64_t connection(NodeId a, NodeId b) const {
        return link(a, b).connection;
    }
    void reset(NodeId a, NodeId b);

    struct Closing {
        bool holds = false;
    };
    void cut(NodeId from, NodeId to, Closing how);
    [[nodiscard]] bool open(NodeId from, NodeId to) const { return link(from, to).open; }
    [[nodiscard]] bool holds(NodeId from, NodeId to) const {
        return !link(from, to).open && link(from, to).holds;
    }
    void heal();

    /// A message that waits for its way to open, and when it was sent.
    struct Held {
        Message message{};
        std::uint64_t connection = 0;
        std::uint64_t receiver = 0;  // the process it was sent to
    };
    /// More than so many are lost: queues are bounded.
    static constexpr std::size_t held_max = 2000;
    void hold(Held held, Counts& counts);
    /// Those whose way is open, in the order in which they were sent.
    [[nodiscard]] std::vector<Held> take_released();

    /// The last part of the world: nothing is lost and all is quick.
    void calm();

  private:
    struct Link {
        bool open = true;
        bool holds = false;
        std::uint64_t connection = 0;
        TrueTime newest{};  // arrival; ordered networks overtake nothing
    };
    [[nodiscard]] Link& link(NodeId from, NodeId to) {
        return links_[(from - 1) * nodes_ + to - 1];
    }
    [[nodiscard]] const Link& link(NodeId from, NodeId to) const {
        return links_[(from - 1) * nodes_ + to - 1];
    }

    NetworkPlan plan_;
    std::size_t nodes_;
    Random random_;
    std::vector<Link> links_;
    std::vector<Held> held_;
};

}  // namespace ftcore::simulation
