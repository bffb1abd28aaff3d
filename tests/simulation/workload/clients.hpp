// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unordered_map>

#include "tests/simulation/workload/history.hpp"
#include "tests/simulation/world/step.hpp"

namespace ftcore::simulation {

/// Where the clients' requests go. The answer comes through `Clients::replied`.
class Servers {
  public:
    virtual ~Servers() = default;
    virtual void request_write(NodeId node, std::uint64_t attempt, std::string command) = 0;
    virtual void request_read(NodeId node, std::uint64_t attempt, std::uint64_t key) = 0;
};

/// Clients with one operation at a time each: unique writes, reads and compare-and-set. A refused
/// try is repeated at another node; silence until the timeout leaves the outcome unknown.
class Clients {
  public:
    Clients(Surroundings& world, Servers& servers, Random random);

    void begin();
    /// No new operations from now on.
    void stop() { stopped_ = true; }
    /// One client reads and writes every register once more; all of it must succeed.
    void last_round();
    [[nodiscard]] bool last_round_done() const { return last_turn_ == keys_ + 2; }

    void replied(const Reply& reply);

    [[nodiscard]] const History& history() const { return history_; }
    /// Whether it was answered that this try was surely not done.
    [[nodiscard]] bool refused(std::uint64_t attempt) const { return attempts_[attempt].refused; }
    [[nodiscard]] std::size_t attempts() const { return attempts_.size(); }

  private:
    struct Attempt {
        std::size_t operation = 0;
        std::size_t client = 0;
        bool refused = false;
    };
    struct Client {
        NodeId ask = nobody;  // the node that led when last heard of
        std::size_t operation = 0;
        bool busy = false;
        std::uint64_t attempt = 0;
        bool last_round = false;
    };

    void pause(std::size_t client);
    void start_operation(std::size_t client);
    void start(std::size_t client, const Operation& operation);
    [[nodiscard]] Operation draw();
    void try_somewhere(std::size_t client);
    void finish(std::size_t client, Outcome outcome);
    void next_of_last_round(std::size_t client);

    Surroundings& world_;
    Servers& servers_;
    Random random_;
    std::uint64_t keys_;
    std::vector<Client> clients_;
    std::vector<Attempt> attempts_;
    std::vector<Value> seen_;  // by key: the newest value any client knows of
    History history_;
    Value next_value_ = 1;
    bool stopped_ = false;
    std::uint64_t last_turn_ = 0;  // registers read, then one write
};

}  // namespace ftcore::simulation
