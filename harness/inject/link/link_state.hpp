// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/random.hpp"
#include "harness/inject/link/address.hpp"
#include "harness/inject/link/connection.hpp"
#include "harness/inject/link/engine.hpp"

namespace faultline::link {

/// What is counted about a link. Thread: written by the engine's, read by any.
struct LinkCounters {
    Tally::Count accepted;
    Tally::Count ended;
    Tally::Count connect_failures;
    Tally::Count turned_away;
    Flow::Counts up;
    Flow::Counts down;

    [[nodiscard]] LinkCounts read() const;
};

/// A link on the engine's thread: its effects and its connections.
class LinkState final : public Mortal {
  public:
    struct Setup {
        std::string name;
        std::vector<SocketAddress> upstream;
        std::shared_ptr<LinkCounters> counters;
    };
    LinkState(EngineRoom& room, Setup setup);
    ~LinkState() override;
    LinkState(const LinkState&) = delete;
    LinkState& operator=(const LinkState&) = delete;

    [[nodiscard]] const std::vector<SocketAddress>& upstream() const { return setup_.upstream; }
    [[nodiscard]] LinkCounters& counters() { return *setup_.counters; }

    /// A connection that was accepted: its number and its fate are drawn here.
    void admit(UniqueFd client);
    /// Puts on, replaces or takes away an effect, on open connections too. Those that have other
    /// stages now are added to `touched`, to be resumed before this turn ends.
    void apply(const Change& change, std::vector<Connection*>& touched);
    /// An effect has everyone who connects refused.
    [[nodiscard]] bool refuses_all() const;

    void end_connections(OpenConnections how);
    /// Requires: no connections.
    void set_upstream(std::vector<SocketAddress> upstream) {
        setup_.upstream = std::move(upstream);
    }
    /// For connections alone: this one has ended.
    void forget(Connection& connection);

    /// On a shared listener a disabled link resets who comes.
    bool enabled = true;

  private:
    struct Slot {
        std::string id;
        std::string label;
        std::uint64_t place;
        std::shared_ptr<Effect> effect{};
        std::shared_ptr<Tally> tally{};
        double probability = 1;
    };

    [[nodiscard]] std::optional<Random> draw(const Slot& slot, std::uint64_t number) const;
    [[nodiscard]] Slot* find(const std::string& id);
    void put(Slot& slot, const Change& change, std::vector<Connection*>& touched);
    /// Returns whether it is still there.
    bool put_on_open(const Slot& slot, Connection& connection);
    void take_away(Slot& slot, std::vector<Connection*>& touched);
    [[nodiscard]] bool refused(std::uint64_t number);
    [[nodiscard]] bool silenced(std::uint64_t number, bool count);
    void connect_the_silent();

    EngineRoom& room_;
    Setup setup_;
    Random random_;
    std::uint64_t next_number_ = 0;
    std::uint64_t next_place_ = 0;
    std::vector<Slot> effects_;  // in the order of their places
    std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;
};

}  // namespace faultline::link
