// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "harness/inject/link/address.hpp"
#include "harness/inject/link/engine.hpp"
#include "harness/inject/link/engine_room.hpp"
#include "harness/inject/link/entrance.hpp"
#include "harness/inject/link/link_state.hpp"

namespace faultline::link {

/// What an engine is made of: what any thread may ask about, and what its own thread works on.
struct Engine::State {
    explicit State(Options options) : room(options) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    /// What is known of a link outside the engine's thread.
    struct Entry {
        std::string name;
        SocketAddress listen;
        std::string upstream_text;
        bool enabled = false;
        bool shared = false;
        std::shared_ptr<LinkCounters> counters{};
        // For the engine's thread.
        Entrance* entrance = nullptr;
        LinkState* state = nullptr;
    };

    /// Carries out `action` on the engine's thread. Requires: another thread.
    void on_thread(const std::function<void()>& action);

    [[nodiscard]] std::optional<Entry> entry(LinkId id) const;
    void store(LinkId id, Entry entry);
    void forget(LinkId id);
    /// Errors: `exists`.
    [[nodiscard]] Result<> check_name(const std::string& name) const;

    // On the engine's thread:
    LinkState& make_link(LinkId id, LinkState::Setup setup);
    Entrance& keep(std::unique_ptr<Entrance> entrance);
    void drop_link(LinkId id, Entrance& entrance);
    void drop_all();
    void apply(const std::vector<Change>& changes);

    /// Held while a link is opened, changed or removed: such calls come one after the other.
    std::mutex changing;
    std::uint32_t next_id = 1;  // under `changing`

    // The engine's thread's own.
    EngineRoom room;
    std::map<LinkId, std::unique_ptr<LinkState>> links;
    std::unordered_map<Entrance*, std::unique_ptr<Entrance>> entrances;

    // Last: it uses everything above.
    std::thread thread;

  private:
    mutable std::mutex directory_mutex_;
    std::map<LinkId, Entry> directory_;
};

}  // namespace faultline::link
