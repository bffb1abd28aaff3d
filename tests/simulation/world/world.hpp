// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/check/checker.hpp"
#include "tests/simulation/check/ledger.hpp"
#include "tests/simulation/workload/clients.hpp"
#include "tests/simulation/world/event_queue.hpp"
#include "tests/simulation/world/faults.hpp"

namespace ftcore::simulation {

struct Report {
    std::uint64_t seed = 0;
    std::uint64_t trace_hash = 0;
    Counts counts{};
    std::string property{};  // what was broken; empty: nothing
    std::string how{};
    TrueTime when{};

    [[nodiscard]] bool clean() const { return property.empty(); }
};

/// A group of nodes under faults for a while, from one seed, in virtual time.
///
///   plan (seed) ─► nodes, network, clients, faults ─► events in order of true time ─► checkers
///                                                           after each event ─────────────┘
///   at the end: quiet, everything healed ─► a leader, everybody caught up, a linearisable history
class World final : public Surroundings, public Servers {
  public:
    World(const Plan& plan, Trace trace);

    [[nodiscard]] Report run();

    // ---- Surroundings
    TrueTime now() const override { return now_; }
    void at(TrueTime time, std::function<void()> action) override;
    void send(Message message) override;
    void healed() override;
    bool linked(NodeId a, NodeId b) const override {
        return network_.open(a, b) && network_.open(b, a);
    }
    void reply(NodeId node, Reply reply) override;
    void started(NodeId node, const Recovered& recovered, const Consensus& consensus) override;
    void stepped(const Step& step) override;
    void applied(NodeId node, const Entry& entry, std::uint64_t digest) override;
    void acknowledged(Index index) override;
    void read_asked(std::uint64_t attempt) override;
    void readable(NodeId node, std::uint64_t attempt, Index index) override;
    void promise_weakened() override;
    void broken(std::string_view property, std::string how) override;
    const Plan& plan() const override { return plan_; }
    Counts& counts() override { return report_.counts; }
    Trace& trace() override { return trace_; }

    // ---- Servers
    void request_write(NodeId node, std::uint64_t attempt, std::string command) override;
    void request_read(NodeId node, std::uint64_t attempt, std::uint64_t key) override;

  private:
    [[nodiscard]] bool turn();
    void transmit(Message message, std::uint64_t connection);
    void deliver(Message message, std::uint64_t connection);
    void request(NodeId node, std::uint64_t attempt, std::function<void(Node&)> action);
    [[nodiscard]] Duration client_delay();
    void begin_quiet();
    /// A majority that reaches each other serves within a few election timeouts, and keeps its
    /// leader.
    void watch_standing_cut();
    [[nodiscard]] const Node* server() const;
    void check_end();
    [[nodiscard]] Scene scene() const { return {*this, nodes_, ledger_, weakened_}; }
    [[nodiscard]] bool done() const { return !report_.clean(); }

    Plan plan_;
    Trace trace_;
    Report report_;
    TrueTime now_{};
    bool quiet_ = false;
    bool weakened_ = false;
    Term calm_term_ = 0;  // of the leader behind a standing cut, once there must be one
    EventQueue queue_;
    Random random_;
    Network network_;
    Ledger ledger_;
    std::vector<std::unique_ptr<Checker>> checkers_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<bool> carried_out_;  // by attempt
    Clients clients_;
    Faults faults_;
};

}  // namespace ftcore::simulation
