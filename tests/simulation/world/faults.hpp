// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "tests/simulation/world/network.hpp"
#include "tests/simulation/world/node.hpp"

namespace ftcore::simulation {

/// Breaks things, all at once, until the quiet period; every fault mends itself after a while.
class Faults {
  public:
    Faults(Surroundings& world,
           std::vector<std::unique_ptr<Node>>& nodes,
           Network& network,
           Random random);

    void begin();
    /// A node leads: the first moments of a leader are the most interesting ones.
    void elected(NodeId leader);
    /// A node has done something. What is aimed by steps hits between two of them, however long
    /// they take in this world.
    void stepped(NodeId node);
    /// Mends everything; nothing breaks from now on.
    void heal_all();

  private:
    /// What is done to a leader after so many more of its steps.
    struct Aim {
        std::uint64_t steps = 0;
        std::size_t what = 0;
    };
    void strike(NodeId leader, std::size_t what);

    using Fault = void (Faults::*)();
    void every(Duration mean, Fault fault);

    void crash_one();
    void lose_power();
    void black_out();
    void damage();
    void cut_off();
    void reset_connection();
    void pause_one();
    void fail_disk();
    void slow_disk();
    void suspect();
    void hand_over();

    void crash(Node& node, CrashKind kind);
    void restart_later(Node& node);
    void pause(Node& node);
    void partition(NodeId centre);
    void notice_crash(NodeId crashed);
    void notice_cuts();
    void reset(NodeId a, NodeId b);
    [[nodiscard]] Node& any_node();
    [[nodiscard]] Node& node(NodeId id) { return *nodes_[id - 1]; }
    [[nodiscard]] NodeId leader() const;
    void later(Duration delay, std::function<void()> action);

    Surroundings& world_;
    std::vector<std::unique_ptr<Node>>& nodes_;
    Network& network_;
    Random random_;
    const FaultPlan& plan_;
    std::vector<Aim> aims_;  // by node
    bool quiet_ = false;
};

}  // namespace ftcore::simulation
