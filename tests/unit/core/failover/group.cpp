// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/core/failover/group.hpp"

#include <algorithm>
#include <utility>

namespace ftcore {

void DiskImage::carry_out(const StorageWork& work) {
    if (work.hard_state) hard_state = *work.hard_state;
    if (work.truncate_from) {
        std::erase_if(entries,
                      [&](const Entry& entry) { return entry.index >= *work.truncate_from; });
    }
    entries.insert(entries.end(), work.append.begin(), work.append.end());
    if (!work.snapshot) return;
    if (work.snapshot->offset == 0) arriving.clear();
    arriving += work.snapshot->data;
    if (!work.snapshot->last) return;
    snapshot = work.snapshot->mark;
    snapshot_data = std::exchange(arriving, {});
    std::erase_if(entries, [&](const Entry& entry) { return entry.index <= snapshot.index; });
}

Group::Group(Options options) : options_(std::move(options)), random_(options_.seed) {
    for (std::size_t number = 1; number <= options_.count; ++number) {
        const bool witness = number > options_.count - options_.witnesses;
        members_.push_back({.id = static_cast<NodeId>(number), .witness = witness});
    }
    nodes_.resize(options_.count);
    for (std::size_t index = 0; index < options_.count; ++index) {
        nodes_[index].id = members_[index].id;
        restart(members_[index].id);
    }
}

void Group::report(const GroupNode& node, const std::string& what) {
    if (broken.empty()) broken = "node " + std::to_string(node.id) + ": " + what;
}

NodeId Group::serving() const {
    for (const GroupNode& node : nodes_) {
        if (node.consensus && !node.paused && node.consensus->serving()) return node.id;
    }
    return nobody;
}

void Group::input(GroupNode& node, const std::function<void(Consensus&)>& call) {
    if (!node.consensus) return;
    const Observation before = observe(*node.consensus);
    call(*node.consensus);
    if (const auto wrong = broken_invariant(before, *node.consensus)) report(node, *wrong);
    if (node.consensus->role() == Role::leader) {
        const auto [known, fresh] = leaders_.emplace(node.consensus->term(), node.id);
        if (!fresh && known->second != node.id) report(node, "two leaders in one term");
    }
    handle(node);
}

void Group::handle(GroupNode& node) {
    Effects effects = node.consensus->take_effects();
    for (StorageWork& work : effects.storage) {
        ++node.works;
        const Instant last = node.pending.empty() ? now_ : node.pending.back().done;
        node.pending.push_back({std::move(work), std::max(last, now_ + options_.disk)});
    }
    for (Message& message : effects.messages) {
        ++messages_sent;
        if (record) tape.push_back(message);
        if (cuts_.contains({message.from, message.to})) continue;
        if (options_.loss > 0 && random_.uniform() < options_.loss) continue;
        const auto extra = static_cast<std::uint64_t>(options_.jitter.count()) + 1;
        const Duration delay =
            options_.latency + Duration(static_cast<Duration::rep>(random_.below(extra)));
        flights_.insert({now_ + delay, ++order_, std::move(message)});
    }
    for (const Answer& answer : effects.answers)
        note(node, answer);
    if (effects.rebuild) {
        ++node.rebuilds;
        node.state = node.image.snapshot_data;
        node.applied = node.image.snapshot.index;
        if (node.image.snapshot != node.consensus->snapshot()) report(node, "another snapshot");
    }
    if (effects.apply_to) apply(node, *effects.apply_to);
    for (const SnapshotWanted& wanted : effects.snapshots_wanted)
        send_piece(node, wanted);
}

void Group::note(GroupNode& node, const Answer& answer) {
    node.answers.push_back(answer);
    switch (answer.kind) {
        case Answer::Kind::accepted:
            node.accepted[answer.index] = answer.token;
            break;
        case Answer::Kind::dropped:
            node.accepted.erase(answer.index);
            break;
        case Answer::Kind::not_leader:
            break;
        case Answer::Kind::readable:
            if (check_agreement && answer.index < read_floor_[answer.token]) {
                report(node,
                       "a stale read: up to " + std::to_string(answer.index) + " of " +
                           std::to_string(read_floor_[answer.token]));
            }
            break;
    }
}

void Group::apply(GroupNode& node, Index to) {
    for (Index index = node.applied + 1; index <= to; ++index) {
        const Entry& entry = node.consensus->entry(index);
        const auto [known, fresh] = agreed_.emplace(index, std::pair(entry.term, entry.data));
        const bool witness = members_[node.id - 1].witness;
        const bool same =
            known->second.first == entry.term && (witness || known->second.second == entry.data);
        if (check_agreement && !fresh && !same) {
            report(node, "applies another entry at " + std::to_string(index));
        }
        if (entry.kind == EntryKind::command) node.state += entry.data + "\n";
        if (const auto token = node.accepted.find(index); token != node.accepted.end()) {
            if (proposed_[token->second] != entry.data) {
                report(node, "acknowledges what another leader wrote");
            }
            acknowledged_.insert(token->second);
            acknowledged_max_ = std::max(acknowledged_max_, index);
            node.accepted.erase(token);
        }
        node.applied = index;
    }
    node.consensus->applied(now_, node.applied);
}

void Group::send_piece(GroupNode& node, const SnapshotWanted& wanted) {
    const std::string& data = node.image.snapshot_data;
    const std::size_t piece = data.size() / 3 + 1;
    SnapshotChunk chunk{.mark = node.image.snapshot, .offset = wanted.offset};
    if (wanted.offset <= data.size()) chunk.data = data.substr(wanted.offset, piece);
    chunk.last = wanted.offset + chunk.data.size() == data.size();
    input(node, [&](Consensus& consensus) { consensus.snapshot_piece(now_, wanted.to, chunk); });
}

void Group::finish_disk(GroupNode& node) {
    while (!node.pending.empty() && node.pending.front().done <= now_) {
        node.image.carry_out(node.pending.front().work);
        const std::uint64_t sequence = node.pending.front().work.sequence;
        node.progress = {.written = sequence, .synced = sequence};
        node.pending.pop_front();
    }
    input(node, [&](Consensus& consensus) { consensus.stored(now_, node.progress); });
}

Instant Group::next_event() const {
    Instant next = flights_.empty() ? Instant::max() : flights_.begin()->at;
    for (const GroupNode& node : nodes_) {
        if (!node.consensus || node.paused) continue;
        next = std::min(next, node.consensus->deadline());
        if (!node.pending.empty() && !node.disk_stuck)
            next = std::min(next, node.pending.front().done);
    }
    return std::max(next, now_);
}

void Group::step() {
    for (GroupNode& node : nodes_) {
        if (!node.consensus || node.paused) continue;
        const bool disk =
            !node.disk_stuck && !node.pending.empty() && node.pending.front().done <= now_;
        if (disk) return finish_disk(node);
        if (node.consensus->deadline() <= now_) {
            return input(node, [&](Consensus& consensus) { consensus.tick(now_); });
        }
    }
    if (flights_.empty() || flights_.begin()->at > now_) return;
    auto flight = flights_.extract(flights_.begin());
    Message message = std::move(flight.value().message);
    GroupNode& node = nodes_[message.to - 1];
    if (node.paused) {
        // It lies in the socket until the process goes on.
        flights_.insert({now_ + std::chrono::milliseconds(1), ++order_, std::move(message)});
        return;
    }
    input(node, [&](Consensus& consensus) { consensus.receive(now_, std::move(message)); });
}

void Group::run_for(Duration span) {
    const Instant end = now_ + span;
    while (broken.empty() && next_event() <= end) {
        now_ = next_event();
        step();
    }
    now_ = end;
}

bool Group::run_until(const std::function<bool()>& done, Duration limit) {
    const Instant end = now_ + limit;
    while (broken.empty() && !done()) {
        const Instant next = next_event();
        if (next > end) return false;
        now_ = next;
        step();
    }
    return broken.empty();
}

std::uint64_t Group::propose(NodeId id, std::string data) {
    const std::uint64_t token = ++tokens_;
    proposed_[token] = data;
    std::vector<Proposal> one(1);
    one[0] = {.token = token, .data = std::move(data)};
    input(node(id), [&](Consensus& consensus) { consensus.propose(now_, one); });
    return token;
}

void Group::propose_many(NodeId id, std::size_t count) {
    std::vector<Proposal> all;
    for (std::size_t made = 0; made < count; ++made) {
        ++tokens_;
        proposed_[tokens_] = "v" + std::to_string(tokens_);
        all.push_back({.token = tokens_, .data = proposed_[tokens_]});
    }
    input(node(id), [&](Consensus& consensus) { consensus.propose(now_, all); });
}

std::uint64_t Group::read(NodeId id) {
    const std::uint64_t token = ++tokens_;
    read_floor_[token] = acknowledged_max_;
    input(node(id), [&](Consensus& consensus) { consensus.read(now_, token); });
    return token;
}

void Group::suspect(NodeId id, NodeId leader, Suspicion suspicion) {
    input(node(id), [&](Consensus& consensus) { consensus.suspect(now_, leader, suspicion); });
}

void Group::suspect_everywhere(NodeId leader, Suspicion suspicion) {
    for (const GroupNode& node : nodes_) {
        if (node.id != leader && !node.paused) suspect(node.id, leader, suspicion);
    }
}

void Group::crash(NodeId id, bool power_loss) {
    GroupNode& dying = node(id);
    dying.consensus.reset();
    dying.paused = false;
    // The kernel finishes what it was given; a power loss takes it.
    for (const auto& pending : dying.pending) {
        if (!power_loss) dying.image.carry_out(pending.work);
    }
    dying.pending.clear();
    std::erase_if(flights_, [id](const Flight& flight) { return flight.message.to == id; });
}

void Group::restart(NodeId id, Index must_reach) {
    GroupNode& starting = node(id);
    ConsensusSettings settings{.self = id, .members = members_, .level = options_.level};
    if (options_.adjust) options_.adjust(settings);
    if (auto good = Consensus::check(settings); !good) report(starting, good.error().message);
    Recovered recovered{.hard_state = starting.image.hard_state,
                        .snapshot = starting.image.snapshot,
                        .entries = starting.image.entries,
                        .must_reach = must_reach};
    starting.state = starting.image.snapshot_data;
    starting.applied = starting.image.snapshot.index;
    starting.image.arriving.clear();
    starting.accepted.clear();
    starting.progress = {};
    starting.disk_stuck = false;
    starting.consensus = std::make_unique<Consensus>(
        std::move(settings), std::move(recovered), random_.fork("node", id + 16 * ++order_), now_);
    for (GroupNode& other : nodes_) {
        if (other.id == id || other.paused) continue;
        input(other, [&](Consensus& consensus) { consensus.reconnected(now_, id); });
    }
}

void Group::pause(NodeId id, bool on) {
    node(id).paused = on;
}

void Group::take_snapshot(NodeId id) {
    GroupNode& taking = node(id);
    if (!taking.consensus || taking.applied > taking.consensus->commit()) return;
    if (taking.applied <= taking.consensus->snapshot().index) return;
    const Entry& last = taking.consensus->entry(taking.applied);
    taking.image.snapshot = {.index = last.index, .term = last.term};
    taking.image.snapshot_data = taking.state;
    std::erase_if(taking.image.entries,
                  [&](const Entry& entry) { return entry.index <= last.index; });
    // The entries may still wait for the disk; a real log would leave them out as well.
    for (auto& pending : taking.pending) {
        std::erase_if(pending.work.append,
                      [&](const Entry& entry) { return entry.index <= last.index; });
    }
    const SnapshotMark mark = taking.image.snapshot;
    input(taking, [&](Consensus& consensus) { consensus.snapshot_taken(now_, mark); });
}

void Group::cut(NodeId a, NodeId b, bool on) {
    for (const auto& link : {std::pair(a, b), std::pair(b, a)}) {
        if (on) {
            cuts_.insert(link);
        } else {
            cuts_.erase(link);
        }
    }
}

void Group::isolate(NodeId id, bool on) {
    for (const Member& member : members_) {
        if (member.id != id) cut(id, member.id, on);
    }
}

void Group::fail_disk(NodeId id) {
    node(id).disk_stuck = true;
    input(node(id), [&](Consensus& consensus) { consensus.storage_failed(now_); });
}

void Group::repair_disk(NodeId id) {
    GroupNode& mended = node(id);
    mended.disk_stuck = false;
    for (const auto& pending : mended.pending) {
        mended.image.carry_out(pending.work);
        mended.progress = {.written = pending.work.sequence, .synced = pending.work.sequence};
    }
    mended.pending.clear();
    input(mended, [&](Consensus& consensus) { consensus.storage_repaired(now_, mended.progress); });
}

void Group::hand_over(NodeId id, Duration patience) {
    input(node(id), [&](Consensus& consensus) { consensus.hand_over(now_, patience); });
}

std::optional<Answer> Group::answer(NodeId id, std::uint64_t token, Answer::Kind kind) {
    for (const Answer& answer : node(id).answers) {
        if (answer.token == token && answer.kind == kind) return answer;
    }
    return std::nullopt;
}

bool Group::converged() {
    const GroupNode* first = nullptr;
    for (const GroupNode& node : nodes_) {
        if (!node.consensus || members_[node.id - 1].witness) continue;
        if (first == nullptr) first = &node;
        if (node.applied != first->applied || node.state != first->state) return false;
        if (node.consensus->last_index() != node.applied) return false;
    }
    return true;
}

}  // namespace ftcore
