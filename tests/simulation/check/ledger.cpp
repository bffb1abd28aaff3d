// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/check/ledger.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tests/simulation/world/hash.hpp"

namespace ftcore::simulation {

std::vector<Ledger::Known>& Ledger::known_at(Index index) {
    if (known_.size() <= index) known_.resize(index + 1);
    return known_[index];
}

void Ledger::begin(Log& log, SnapshotMark mark) {
    log.behind = mark.index;
    log.installing.reset();
    log.links.assign(1, {.term = mark.term});
    for (const Known& known : known_at(mark.index)) {
        if (known.link.term == mark.term) log.links[0] = known.link;
    }
}

bool Ledger::append(Log& log, const Entry& entry, bool witness) {
    const Link link{entry.term, mix(log.links.back().chain, entry.term)};
    log.links.push_back(link);
    std::vector<Known>& known = known_at(entry.index);
    const bool has_data = !witness;
    const std::uint64_t data = has_data ? hash_of(entry) : 0;
    const auto same = std::ranges::find_if(
        known, [&](const Known& other) { return other.link.term == entry.term; });
    if (same == known.end()) {
        known.push_back({link, data, has_data});
        return true;
    }
    if (same->link.chain != link.chain) return false;
    if (!has_data) return true;
    if (!same->has_data) {
        same->data = data;
        same->has_data = true;
    }
    return same->data == data;
}

void Ledger::started(NodeId node, const Recovered& recovered) {
    Log& log = logs_[node - 1];
    begin(log, recovered.snapshot);
    for (const Entry& entry : recovered.entries)
        log.links.push_back({entry.term, mix(log.links.back().chain, entry.term)});
}

std::optional<std::string> Ledger::stepped(const Step& step, bool witness) {
    Log& log = logs_[step.node - 1];
    for (const StorageWork& work : step.effects.storage) {
        // A received snapshot takes the log's place on disk first, and in memory when it is there.
        if (work.snapshot && work.snapshot->last) log.installing = work.snapshot->mark.index;
        if (work.truncate_from && !work.snapshot && *work.truncate_from > log.behind) {
            log.links.resize(
                std::min<std::size_t>(log.links.size(), *work.truncate_from - log.behind));
        }
        for (const Entry& entry : work.append) {
            if (entry.index != log.last() + 1) {
                return fmt::format(
                    "node {} stores entry {} behind entry {}", step.node, entry.index, log.last());
            }
            if (append(log, entry, witness)) continue;
            return fmt::format(
                "entry {} of term {} of node {} is not what another node has there, or "
                "follows something else",
                entry.index,
                entry.term,
                step.node);
        }
    }
    const SnapshotMark mark = step.after.snapshot;
    const bool installed = log.installing == mark.index && step.effects.rebuild;
    if (installed || mark.index > log.behind) {
        const auto at_mark = link(step.node, mark.index);
        if (!installed && at_mark && at_mark->term == mark.term) {
            log.links.erase(
                log.links.begin(),
                log.links.begin() + static_cast<std::ptrdiff_t>(mark.index - log.behind));
            log.behind = mark.index;
        } else {
            begin(log, mark);
        }
    }
    if (log.last() == step.after.last) return std::nullopt;
    return fmt::format("node {} stored a log to {} and says it has one to {}",
                       step.node,
                       log.last(),
                       step.after.last);
}

std::optional<Ledger::Link> Ledger::link(NodeId node, Index index) const {
    const Log& log = logs_[node - 1];
    if (index < log.behind || index > log.last()) return std::nullopt;
    return log.links[index - log.behind];
}

void Ledger::agree(NodeId node, Index from, Index to) {
    if (agreed_.size() <= to) agreed_.resize(to + 1);
    for (Index index = from; index <= to; ++index) {
        if (!agreed_[index]) agreed_[index] = link(node, index);
    }
}

const Ledger::Link* Ledger::agreed(Index index) const {
    if (index >= agreed_.size() || !agreed_[index]) return nullptr;
    return &*agreed_[index];
}

}  // namespace ftcore::simulation
