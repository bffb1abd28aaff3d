// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/world.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tests/simulation/check/ending.hpp"
#include "tests/simulation/world/draw.hpp"
#include "tests/simulation/world/spell_message.hpp"

namespace ftcore::simulation {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// A world that is busier than this runs in circles.
constexpr std::uint64_t events_max = 20'000'000;

/// After the last fault a majority serves within so many election timeouts.
constexpr int timeouts_to_serve = 8;

/// Between a client and a node a request or a reply gets lost this often.
constexpr double client_loss = 0.01;

}  // namespace

World::World(const Plan& plan, Trace trace)
    : plan_(plan),
      trace_(trace),
      report_{.seed = plan.seed},
      random_(Random(plan.seed).fork("world")),
      network_(plan_.network, plan_.consensus.members.size(), random_.fork("network")),
      ledger_(plan_.consensus.members.size()),
      checkers_(all_checkers()),
      clients_(*this, *this, random_.fork("clients")),
      faults_(*this, nodes_, network_, random_.fork("faults")) {
    for (const Member& member : plan_.consensus.members)
        nodes_.push_back(std::make_unique<Node>(member.id, *this, random_.fork("node", member.id)));
}

Report World::run() {
    at(plan_.length - plan_.quiet, [this] { begin_quiet(); });
    for (const auto& node : nodes_)
        node->start();
    clients_.begin();
    faults_.begin();
    while (!done() && turn()) {
    }
    if (!done()) check_end();
    report_.trace_hash = trace_.hash();
    report_.when = now_;
    return report_;
}

/// The next event or timer. False: the time is over.
bool World::turn() {
    TrueTime next = queue_.next().value_or(TrueTime::max());
    Node* due = nullptr;
    for (const auto& node : nodes_) {
        const auto timer = node->timer();
        if (!timer || *timer >= next) continue;
        next = *timer;
        due = node.get();
    }
    if (next > plan_.length) return false;
    now_ = std::max(now_, next);
    if (++report_.counts[Count::events] > events_max) {
        broken("the group comes to rest", fmt::format("more than {} events", events_max));
        return false;
    }
    if (due != nullptr) {
        due->tick();
    } else {
        queue_.take()();
    }
    return true;
}

void World::at(TrueTime time, std::function<void()> action) {
    queue_.at(std::max(time, now_), std::move(action));
}

// ---- messages

void World::send(Message message) {
    const NodeId from = message.from;
    const NodeId to = message.to;
    trace_.note(now_, from, "send", to, message.body.index());
    const std::uint64_t connection = network_.connection(from, to);
    if (!network_.holds(from, to)) return transmit(std::move(message), connection);
    network_.hold({.message = std::move(message),
                   .connection = connection,
                   .receiver = nodes_[to - 1]->incarnation()},
                  report_.counts);
}

void World::healed() {
    for (Network::Held& held : network_.take_released()) {
        const NodeId to = held.message.to;
        if (held.receiver != nodes_[to - 1]->incarnation())
            continue;  // its connection went with it
        trace_.note(now_, held.message.from, "release", to, held.message.body.index());
        const std::uint64_t connection = plan_.network.late_after_reset
                                             ? network_.connection(held.message.from, to)
                                             : held.connection;
        transmit(std::move(held.message), connection);
    }
}

void World::transmit(Message message, std::uint64_t connection) {
    const Network::Arrivals arrivals =
        network_.arrivals(now_, message.from, message.to, report_.counts);
    for (std::size_t copy = 0; copy < arrivals.count; ++copy) {
        const bool last = copy + 1 == arrivals.count;
        at(arrivals.at[copy],
           [this, connection, message = last ? std::move(message) : message]() mutable {
               deliver(std::move(message), connection);
           });
    }
}

void World::deliver(Message message, std::uint64_t connection) {
    Node& node = *nodes_[message.to - 1];
    if (connection != network_.connection(message.from, message.to) || !node.up()) {
        ++report_.counts[Count::messages_lost];
        return;
    }
    trace_.note(now_, message.to, "receive", message.from, message.body.index());
    if (trace_.wanted()) trace_.line(now_, message.to, spell(message));
    node.receive(std::move(message));
}

Duration World::client_delay() {
    return microseconds(100) + around(random_, milliseconds(1));
}

void World::request(NodeId to, std::uint64_t attempt, std::function<void(Node&)> action) {
    if (!quiet_ && chance(random_, client_loss)) return;
    at(now_ + client_delay(), [this, to, attempt, action = std::move(action)] {
        Node& node = *nodes_[to - 1];
        if (node.up()) return action(node);
        // The connection is refused: surely not done.
        clients_.replied({.kind = Reply::Kind::refused, .attempt = attempt});
    });
}

void World::request_write(NodeId node, std::uint64_t attempt, std::string command) {
    trace_.note(now_, node, "write", attempt);
    request(node, attempt, [attempt, command = std::move(command)](Node& asked) mutable {
        asked.write(attempt, std::move(command));
    });
}

void World::request_read(NodeId node, std::uint64_t attempt, std::uint64_t key) {
    trace_.note(now_, node, "read", attempt, key);
    request(node, attempt, [attempt, key](Node& asked) { asked.read(attempt, key); });
}

void World::reply(NodeId node, Reply reply) {
    trace_.note(now_, node, "reply", reply.attempt, static_cast<std::uint64_t>(reply.kind));
    if (!quiet_ && chance(random_, client_loss)) return;
    at(now_ + client_delay(), [this, reply] { clients_.replied(reply); });
}

// ---- checks

void World::started(NodeId node, const Recovered& recovered, const Consensus&) {
    ledger_.started(node, recovered);
    for (const auto& checker : checkers_)
        checker->started(scene(), node);
}

void World::stepped(const Step& step) {
    const Glance& before = step.before;
    const Glance& after = step.after;
    const bool news =
        before.role != after.role || before.term != after.term || before.serving != after.serving;
    if (after.role == Role::leader && (before.role != Role::leader || before.term != after.term)) {
        ++report_.counts[Count::elections];
        faults_.elected(step.node);
    }
    if (news || after.commit != before.commit) {
        trace_.note(now_, step.node, "commit", after.commit, after.term);
        trace_.note(
            now_, step.node, "role", static_cast<std::uint64_t>(after.role), after.serving ? 1 : 0);
        if (trace_.wanted()) trace_.line(now_, step.node, nodes_[step.node - 1]->describe());
    }
    for (const StorageWork& work : step.effects.storage) {
        if (work.snapshot && work.snapshot->last) ++report_.counts[Count::snapshots_received];
    }
    const bool witness = plan_.consensus.members[step.node - 1].witness;
    if (const auto finding = ledger_.stepped(step, witness)) broken("log matching", *finding);
    if (after.commit > before.commit && !weakened_) {
        ledger_.agree(step.node, before.commit + 1, after.commit);
    }
    for (const auto& checker : checkers_) {
        if (const auto finding = checker->stepped(scene(), step))
            broken(checker->property(), *finding);
    }
    faults_.stepped(step.node);
}

void World::applied(NodeId node, const Entry& entry, std::uint64_t digest) {
    if (entry.kind == EntryKind::command) {
        const std::uint64_t attempt = decode_command(entry.data).attempt;
        if (carried_out_.size() <= attempt) carried_out_.resize(attempt + 1);
        carried_out_[attempt] = true;
    }
    for (const auto& checker : checkers_) {
        if (const auto finding = checker->applied(scene(), node, entry, digest))
            broken(checker->property(), *finding);
    }
}

void World::acknowledged(Index index) {
    for (const auto& checker : checkers_)
        checker->acknowledged(index);
}

void World::read_asked(std::uint64_t attempt) {
    for (const auto& checker : checkers_)
        checker->read_asked(attempt);
}

void World::readable(NodeId node, std::uint64_t attempt, Index index) {
    for (const auto& checker : checkers_) {
        if (const auto finding = checker->readable(scene(), node, attempt, index))
            broken(checker->property(), *finding);
    }
}

void World::promise_weakened() {
    ++report_.counts[Count::weakened];
    weakened_ = true;
}

void World::broken(std::string_view property, std::string how) {
    if (!report_.clean()) return;
    report_.property = property;
    report_.how = std::move(how);
    trace_.line(now_, nobody, fmt::format("BROKEN: {}: {}", report_.property, report_.how));
}

// ---- the end

void World::begin_quiet() {
    trace_.note(now_, nobody, "quiet");
    quiet_ = true;
    clients_.stop();
    faults_.heal_all();
    if (faults_.standing()) {
        const Duration patience = timeouts_to_serve * plan_.consensus.election_timeout;
        at(now_ + std::min(patience, plan_.quiet * 3 / 4), [this] { watch_standing_cut(); });
    }
    at(now_ + plan_.quiet / 2, [this] { clients_.last_round(); });
}

const Node* World::server() const {
    const auto serves = [](const auto& node) { return node->up() && node->glance().serving; };
    const auto found = std::ranges::find_if(nodes_, serves);
    return found == nodes_.end() ? nullptr : found->get();
}

void World::watch_standing_cut() {
    const Node* const serving = server();
    if (serving != nullptr) {
        const Cut& cut = *faults_.standing();
        const bool may_lose = cut.unseats_centre() && serving->id() == cut.centre;
        if (!may_lose) calm_term_ = serving->glance().term;
        return;
    }
    std::string text;
    for (const auto& node : nodes_)
        text += "\n    " + node->describe();
    broken("liveness",
           fmt::format("nobody serves {} election timeouts after the group was cut, although a "
                       "majority reaches each other:{}",
                       timeouts_to_serve,
                       text));
}

void World::check_end() {
    if (const Node* const serving = server();
        calm_term_ != 0 && serving != nullptr && serving->glance().term != calm_term_) {
        broken("a healthy leader is left in peace",
               fmt::format("the leader of term {} was replaced behind a standing cut, now it is "
                           "term {}",
                           calm_term_,
                           serving->glance().term));
        return;
    }
    const Ending ending = check_ending(scene(), clients_, carried_out_);
    if (ending.undecided) ++report_.counts[Count::undecided_histories];
    if (!ending.property.empty()) broken(ending.property, ending.how);
}

}  // namespace ftcore::simulation
