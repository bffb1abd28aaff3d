// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/link_state.hpp"

#include <algorithm>
#include <utility>

namespace faultline::link {

LinkCounts LinkCounters::read() const {
    LinkCounts counts;
    // In this order, so that no more seem to have ended than were accepted.
    const std::uint64_t gone = ended.get();
    counts.accepted = accepted.get();
    counts.open = counts.accepted - std::min(gone, counts.accepted);
    counts.connect_failures = connect_failures.get();
    counts.turned_away = turned_away.get();
    counts.up = {.received = up.received.get(), .sent = up.sent.get()};
    counts.down = {.received = down.received.get(), .sent = down.sent.get()};
    return counts;
}

LinkState::LinkState(EngineRoom& room, Setup setup)
    : room_(room),
      setup_(std::move(setup)),
      random_(Random(room.options.seed).fork("link " + setup_.name)) {}

LinkState::~LinkState() {
    end_connections(OpenConnections::reset);
}

void LinkState::admit(UniqueFd client) {
    const std::uint64_t number = next_number_++;
    counters().accepted.add();
    auto owned = std::make_unique<Connection>(room_, *this, number, std::move(client));
    Connection& connection = *owned;
    connections_.emplace_hint(connections_.end(), number, std::move(owned));
    if (refused(number)) return connection.end(OpenConnections::reset);
    if (!connection.watch_client()) {
        counters().turned_away.add();
        return connection.end(OpenConnections::reset);
    }
    for (Slot& slot : effects_) {
        auto random = draw(slot, number);
        (random ? slot.tally->connections : slot.tally->spared).add();
        if (random) connection.put(slot.place, slot.effect->attach(*random, *slot.tally));
    }
    if (silenced(number, true)) {
        connection.resume();
    } else {
        connection.connect();
    }
}

void LinkState::apply(const Change& change, std::vector<Connection*>& touched) {
    Slot* slot = find(change.id);
    if (change.effect) {
        if (slot == nullptr) {
            effects_.push_back({change.id, "effect " + change.id, next_place_++});
            slot = &effects_.back();
        }
        put(*slot, change, touched);
    } else if (slot != nullptr) {
        take_away(*slot, touched);
    }
    connect_the_silent();
}

bool LinkState::refuses_all() const {
    return std::any_of(effects_.begin(), effects_.end(), [](const Slot& slot) {
        return slot.probability >= 1 && slot.effect->door() == Door::refuse;
    });
}

void LinkState::end_connections(OpenConnections how) {
    while (!connections_.empty() && how != OpenConnections::keep)
        connections_.begin()->second->end(how);
}

void LinkState::forget(Connection& connection) {
    counters().ended.add();
    auto node = connections_.extract(connection.number());
    room_.reactor.bury(std::move(node.mapped()));
}

std::optional<Random> LinkState::draw(const Slot& slot, std::uint64_t number) const {
    Random random = random_.fork(slot.label, number);
    if (random.uniform() < slot.probability) return random;
    return std::nullopt;
}

LinkState::Slot* LinkState::find(const std::string& id) {
    const auto found = std::find_if(
        effects_.begin(), effects_.end(), [&id](const Slot& slot) { return slot.id == id; });
    return found == effects_.end() ? nullptr : &*found;
}

void LinkState::put(Slot& slot, const Change& change, std::vector<Connection*>& touched) {
    // The stages that are replaced refer to these.
    const auto effect_before = std::exchange(slot.effect, change.effect);
    const auto tally_before =
        std::exchange(slot.tally, change.tally ? change.tally : std::make_shared<Tally>());
    slot.probability = change.probability;
    if (refuses_all() && slot.effect->door() == Door::refuse) slot.tally->note_first(now());
    for (auto entry = connections_.begin(); entry != connections_.end();) {
        Connection& connection = *(entry++)->second;
        if (put_on_open(slot, connection)) touched.push_back(&connection);
    }
}

bool LinkState::put_on_open(const Slot& slot, Connection& connection) {
    Tally& tally = *slot.tally;
    auto random = draw(slot, connection.number());
    if (!random) {
        tally.spared.add();
        connection.take(slot.place);
        return true;
    }
    tally.connections.add();
    const OpenConnections how = slot.effect->open_connections();
    if (how == OpenConnections::keep) {
        connection.put(slot.place, slot.effect->attach_midway(*random, tally));
        return true;
    }
    (how == OpenConnections::reset ? tally.resets : tally.closes).add();
    tally.note_first(now());
    connection.end(how);
    return false;
}

void LinkState::take_away(Slot& slot, std::vector<Connection*>& touched) {
    // Stages that stay for a while refer to both.
    const auto keep = std::make_shared<std::pair<std::shared_ptr<Effect>, std::shared_ptr<Tally>>>(
        slot.effect, slot.tally);
    for (auto entry = connections_.begin(); entry != connections_.end();) {
        Connection& connection = *(entry++)->second;
        if (!draw(slot, connection.number())) continue;
        const OpenConnections how = slot.effect->when_removed();
        if (how == OpenConnections::keep) {
            connection.retire(slot.place, keep);
            touched.push_back(&connection);
        } else {
            connection.end(how);
        }
    }
    effects_.erase(effects_.begin() + (&slot - effects_.data()));
}

bool LinkState::refused(std::uint64_t number) {
    for (Slot& slot : effects_) {
        if (slot.effect->door() != Door::refuse || !draw(slot, number)) continue;
        slot.tally->connections.add();
        slot.tally->resets.add();
        slot.tally->note_first(now());
        return true;
    }
    return false;
}

bool LinkState::silenced(std::uint64_t number, bool count) {
    bool any = false;
    for (Slot& slot : effects_) {
        if (slot.effect->door() != Door::silent || !draw(slot, number)) continue;
        any = true;
        if (!count) continue;
        slot.tally->silent.add();
        slot.tally->note_first(now());
    }
    return any;
}

void LinkState::connect_the_silent() {
    for (auto entry = connections_.begin(); entry != connections_.end();) {
        Connection& connection = *(entry++)->second;
        if (connection.silent() && !silenced(connection.number(), false)) connection.connect();
    }
}

}  // namespace faultline::link
