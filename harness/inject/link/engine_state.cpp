// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/engine_state.hpp"

#include <utility>

#include "harness/base/check.hpp"

namespace faultline::link {

void Engine::State::on_thread(const std::function<void()>& action) {
    FL_CHECK(std::this_thread::get_id() != thread.get_id());
    room.reactor.commands().run(action);
}

std::optional<Engine::State::Entry> Engine::State::entry(LinkId id) const {
    const std::scoped_lock lock(directory_mutex_);
    const auto found = directory_.find(id);
    if (found == directory_.end()) return std::nullopt;
    return found->second;
}

void Engine::State::store(LinkId id, Entry entry) {
    const std::scoped_lock lock(directory_mutex_);
    directory_.insert_or_assign(id, std::move(entry));
}

void Engine::State::forget(LinkId id) {
    const std::scoped_lock lock(directory_mutex_);
    directory_.erase(id);
}

Result<> Engine::State::check_name(const std::string& name) const {
    const std::scoped_lock lock(directory_mutex_);
    for (const auto& [id, entry] : directory_) {
        if (entry.name == name) {
            return fail("a link named \"" + name + "\" is there already", ErrorCode::exists);
        }
    }
    return {};
}

LinkState& Engine::State::make_link(LinkId id, LinkState::Setup setup) {
    auto& slot = links[id];
    slot = std::make_unique<LinkState>(room, std::move(setup));
    return *slot;
}

Entrance& Engine::State::keep(std::unique_ptr<Entrance> entrance) {
    Entrance* const key = entrance.get();
    entrances.emplace(key, std::move(entrance));
    return *key;
}

void Engine::State::drop_link(LinkId id, Entrance& entrance) {
    const auto found = links.find(id);
    const bool last = entrance.remove(*found->second);
    if (last) entrance.close();
    found->second->end_connections(OpenConnections::close);
    room.reactor.bury(std::move(found->second));
    links.erase(found);
    if (!last) return;
    auto node = entrances.extract(&entrance);
    room.reactor.bury(std::move(node.mapped()));
}

void Engine::State::drop_all() {
    for (auto& [key, entrance] : entrances)
        entrance->close();
    for (auto& [id, link] : links)
        link->end_connections(OpenConnections::reset);
}

void Engine::State::apply(const std::vector<Change>& changes) {
    std::vector<Connection*> touched;
    for (const Change& change : changes) {
        const auto found = links.find(change.link);
        if (found != links.end()) found->second->apply(change, touched);
    }
    // One that has ended meanwhile is buried and not yet gone.
    for (Connection* connection : touched)
        connection->resume();
    for (auto& [key, entrance] : entrances)
        entrance->update();
}

}  // namespace faultline::link
