// SPDX-License-Identifier: Apache-2.0
#include "targets/core/failover/membership.hpp"

#include <string>

#include "targets/core/failover/steps.hpp"

namespace ftcore {
namespace {

Result<> check_members(const ConsensusSettings& settings) {
    const auto& members = settings.members;
    if (members.size() != 1 && members.size() != 3 && members.size() != members_max) {
        return faultline::fail(
            "a group of " + std::to_string(members.size()) +
            " members is not supported; name 1, 3 or 5, an even number would only "
            "add a node that can fail");
    }
    std::size_t witnesses = 0;
    bool found = false;
    for (const Member& member : members) {
        if (member.id == nobody) return faultline::fail("member 0 means nobody; count from 1");
        const auto same = std::count_if(members.begin(), members.end(), [&](const Member& other) {
            return other.id == member.id;
        });
        if (same > 1) {
            return faultline::fail("member " + std::to_string(member.id) +
                                   " is named twice; every id must be unique");
        }
        if (member.id == settings.self) found = true;
        if (member.witness) ++witnesses;
    }
    if (!found) {
        return faultline::fail("this node, " + std::to_string(settings.self) +
                               ", is not among the members; add it or correct its id");
    }
    // Every quorum must hold somebody with data.
    if (witnesses >= quorum_of(members.size())) {
        return faultline::fail(std::to_string(witnesses) + " witnesses of " +
                               std::to_string(members.size()) +
                               " members could agree on data that nobody has; make it at most " +
                               std::to_string(quorum_of(members.size()) - 1));
    }
    return {};
}

}  // namespace

Result<> Consensus::check(const ConsensusSettings& settings) {
    if (auto members = check_members(settings); !members) return members;
    const Duration zero{};
    if (settings.heartbeat <= zero || settings.election_timeout <= zero) {
        return faultline::fail("heartbeat and election_timeout must be longer than nothing");
    }
    if (settings.election_timeout < 2 * settings.heartbeat) {
        return faultline::fail(
            "election_timeout must be at least two heartbeats, or one late heartbeat deposes a "
            "healthy leader");
    }
    if (settings.tie_break < zero || settings.tie_break > settings.election_timeout) {
        return faultline::fail("tie_break must lie between 0 and election_timeout");
    }
    if (settings.clock_drift < 0 || settings.clock_drift > 1) {
        return faultline::fail("clock_drift must lie between 0 and 1, for example 0.05");
    }
    if (settings.lease < zero || settings.lease > settings.election_timeout) {
        return faultline::fail(
            "lease must lie between 0 and election_timeout: a new leader waits for the old one's "
            "lease");
    }
    if (settings.append_bytes_max == 0 || settings.appends_in_flight < 1 ||
        settings.bytes_in_flight_max == 0) {
        return faultline::fail(
            "append_bytes_max, appends_in_flight and bytes_in_flight_max must be at least 1");
    }
    return {};
}

namespace steps {

bool may_vote(const State& state) {
    return !state.disk.failed && state.disk.durable >= state.disk.must_reach;
}

bool may_campaign(const State& state) {
    // While a snapshot takes the log's place on disk, what we would lead with is about to vanish.
    const bool installing = state.following.incoming && state.following.incoming->complete;
    return may_vote(state) && !state.witness && !installing;
}

}  // namespace steps
}  // namespace ftcore
