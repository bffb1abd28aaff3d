// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "tests/simulation/world/cut.hpp"
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
    /// The cut that is there, or comes and goes, until the end.
    [[nodiscard]] const std::optional<Cut>& standing() const { return standing_; }

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
    void flap();
    void flap_on(std::size_t left);
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
    void cut(NodeId centre);
    void close_ways(const Cut& what);
    void open_ways();
    /// The last cut, if the world has one.
    void stand();
    void flap_standing();
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
    std::optional<Cut> standing_;
};

}  // namespace ftcore::simulation
