// SPDX-License-Identifier: Apache-2.0
#include "targets/core/diagnose/peer_diagnosis.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/check.hpp"
#include "harness/base/units.hpp"

namespace ftcore {
namespace {

bool seen_since(const std::optional<Instant>& seen, const PeerPicture& peer) {
    return seen && peer.since && *seen >= *peer.since;
}

bool process_is_gone(const PeerPicture& peer) {
    return seen_since(peer.facts.refused_at, peer) || seen_since(peer.facts.restarted_at, peer);
}

/// Neither beats nor any sign of the machine behind it.
bool cut_off(const PeerPicture& peer) {
    return peer.silent && !process_is_gone(peer) && !seen_since(peer.facts.probed_at, peer);
}

bool complains_of(const PeerPicture& peer, NodeId other) {
    const auto& whom = peer.facts.health.unreachable;
    return std::find(whom.begin(), whom.end(), other) != whom.end();
}

bool most_are_cut_off(std::span<const PeerPicture> group) {
    const auto silent = std::count_if(group.begin(), group.end(), cut_off);
    if (static_cast<std::size_t>(silent) * 2 <= group.size()) return false;
    // Their last words: had they lost each other, it would not be this node that is cut off.
    for (const PeerPicture& one : group) {
        for (const PeerPicture& other : group) {
            if (cut_off(one) && cut_off(other) && complains_of(one, other.facts.id)) return false;
        }
    }
    return true;
}

void add_silence(Instant now, const PeerPicture& peer, std::vector<std::string>& evidence) {
    if (seen_since(peer.facts.connection_lost_at, peer)) {
        evidence.push_back(
            fmt::format("the connection broke {} ago",
                        faultline::format_duration(now - *peer.facts.connection_lost_at)));
    }
    if (peer.facts.last_beat) {
        evidence.push_back(fmt::format("last beat {} ago, expected every {}",
                                       faultline::format_duration(now - *peer.facts.last_beat),
                                       faultline::format_duration(peer.facts.beat_interval)));
    }
}

Diagnosis crash(Instant now, const PeerPicture& peer) {
    Diagnosis diagnosis{.at = now, .about = peer.facts.id, .cause = Cause::crash};
    if (seen_since(peer.facts.refused_at, peer)) {
        diagnosis.evidence.push_back("a fresh connection was refused: nobody listens");
    }
    if (seen_since(peer.facts.restarted_at, peer)) {
        diagnosis.evidence.push_back("another process answers in its place");
    }
    add_silence(now, peer, diagnosis.evidence);
    return diagnosis;
}

Diagnosis hang(Instant now, const PeerPicture& peer) {
    Diagnosis diagnosis{.at = now, .about = peer.facts.id, .cause = Cause::hang};
    diagnosis.evidence.push_back("its kernel accepts connections, its process does not speak");
    add_silence(now, peer, diagnosis.evidence);
    return diagnosis;
}

Diagnosis own_partition(Instant now, NodeId self, std::span<const PeerPicture> group) {
    Diagnosis diagnosis{
        .at = now, .about = self, .cause = Cause::partition_of_self, .place = Place::self};
    std::vector<std::string> names;
    for (const PeerPicture& peer : group) {
        if (cut_off(peer)) names.push_back(peer.name);
    }
    diagnosis.evidence.push_back(fmt::format("{} of {} peers are silent and do not answer: {}",
                                             names.size(),
                                             group.size(),
                                             fmt::join(names, ", ")));
    diagnosis.evidence.push_back("their last words did not complain of each other");
    return diagnosis;
}

Diagnosis peer_partition(Instant now, std::span<const PeerPicture> group, const PeerPicture& peer) {
    Diagnosis diagnosis{.at = now, .about = peer.facts.id, .cause = Cause::partition_of_peer};
    diagnosis.evidence.push_back("a fresh connection got no answer");
    add_silence(now, peer, diagnosis.evidence);
    std::vector<std::string> hear_it;
    std::vector<std::string> miss_it;
    for (const PeerPicture& other : group) {
        if (&other == &peer || other.trust != Trust::trusted) continue;
        (complains_of(other, peer.facts.id) ? miss_it : hear_it).push_back(other.name);
    }
    if (!miss_it.empty()) {
        diagnosis.evidence.push_back(fmt::format("{} lost it as well", fmt::join(miss_it, ", ")));
    } else if (!hear_it.empty()) {
        diagnosis.place = Place::link;
        diagnosis.evidence.push_back(fmt::format("{} still hears it", fmt::join(hear_it, ", ")));
    }
    return diagnosis;
}

int certainty(Cause cause) {
    switch (cause) {
        case Cause::crash:
            return 4;
        case Cause::hang:
            return 3;
        case Cause::partition_of_self:
            return 2;
        case Cause::partition_of_peer:
            return 1;
        case Cause::slow:
        case Cause::storage_failing:
        case Cause::storage_slow:
        case Cause::storage_full:
        case Cause::overload:
        case Cause::corruption:
            return 0;
    }
    return 0;
}

}  // namespace

std::optional<Diagnosis> diagnose_peer(Instant now,
                                       NodeId self,
                                       std::span<const PeerPicture> group,
                                       std::size_t who) {
    const PeerPicture& peer = group[who];
    FL_CHECK(peer.since.has_value());
    if (process_is_gone(peer)) return crash(now, peer);
    if (!peer.silent) return std::nullopt;
    if (seen_since(peer.facts.probed_at, peer)) return hang(now, peer);
    if (!seen_since(peer.facts.timed_out_at, peer) && !peer.in_vain) return std::nullopt;
    if (most_are_cut_off(group)) return own_partition(now, self, group);
    return peer_partition(now, group, peer);
}

bool overrules(Cause next, Cause current) {
    return certainty(next) > certainty(current);
}

}  // namespace ftcore
