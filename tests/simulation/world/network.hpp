// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/world/counts.hpp"
#include "tests/simulation/world/plan.hpp"

namespace ftcore::simulation {

/// Which way is open, and how long a message takes. One-way cuts are ways like all others.
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

    void cut(NodeId from, NodeId to) { link(from, to).open = false; }
    [[nodiscard]] bool open(NodeId from, NodeId to) const { return link(from, to).open; }
    void heal();

    /// The last part of the world: nothing is lost and all is quick.
    void calm();

  private:
    struct Link {
        bool open = true;
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
};

}  // namespace ftcore::simulation
