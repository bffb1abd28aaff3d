// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "harness/inject/link/engine_room.hpp"
#include "harness/inject/link/link_state.hpp"
#include "harness/inject/link/listener.hpp"

namespace faultline::link {

/// Where connections come in, for one link or for several that share an address.
/// Thread: the engine's.
class Entrance final : public Watched, public Timed, public Mortal {
  public:
    /// Index of the link for an accepted descriptor, -1: none of them.
    using Choose = std::function<int(int descriptor)>;

    /// For one link. `link` outlives it.
    Entrance(EngineRoom& room, LinkState& link);
    /// For several; `others` carries whom `choose` gives to none.
    Entrance(EngineRoom& room,
             std::vector<LinkState*> links,
             Choose choose,
             std::unique_ptr<LinkState> others);
    Entrance(const Entrance&) = delete;
    Entrance& operator=(const Entrance&) = delete;

    /// Takes in whom `listener` hears, unless an effect has them refused. Null: nobody.
    void listen(std::unique_ptr<Listener> listener);
    [[nodiscard]] std::unique_ptr<Listener> stop_listening();
    /// Listens or refuses as the effects now say.
    void update();
    /// Returns whether no link is left.
    bool remove(LinkState& link);
    /// Ends also those that went to none of the links.
    void close();

    void on_ready(std::uint32_t events) override;
    void on_time(Instant now) override;

  private:
    enum class Taken : std::uint8_t { one, none, no_room };

    [[nodiscard]] Taken take_one();
    [[nodiscard]] Taken turn_one_away();
    void let_in(UniqueFd client);
    [[nodiscard]] LinkState* link_for(int descriptor);
    void watch();
    void unwatch();

    EngineRoom& room_;
    std::vector<LinkState*> links_;  // null: removed
    Choose choose_;
    std::unique_ptr<LinkState> others_;
    std::unique_ptr<Listener> listener_;
    bool watching_ = false;
};

}  // namespace faultline::link
