// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "targets/core/detect/failure_detector.hpp"
#include "targets/core/diagnose/diagnosis.hpp"
#include "targets/core/monitor/peer.hpp"

namespace ftcore {

/// One peer as the group's picture shows it.
struct PeerPicture {
    const PeerFacts& facts;
    std::string name;
    Trust trust = Trust::unknown;
    /// Since when it is doubted or suspected. What was seen from then on is evidence.
    std::optional<Instant> since{};
    std::string by{};      // the detector that lost it
    Duration silence{};    // when it was lost
    bool silent = false;   // its beats are overdue, whatever else happened
    bool in_vain = false;  // a fresh connection was tried and nothing came of it in time
};

/// Why a peer is lost, as soon as the evidence suffices:
///
///   another process answers, or nobody listens             crash
///   no beats, but its kernel accepts connections           hang
///   no beats, no answer; and so are most of the others,
///       who did not complain of each other                 partition_of_self
///   no beats, no answer, alone                             partition_of_peer; the link is the
///       place when others still hear from it
///
/// Absent: not yet clear. Requires: group[who].since.
[[nodiscard]] std::optional<Diagnosis> diagnose_peer(Instant now,
                                                     NodeId self,
                                                     std::span<const PeerPicture> group,
                                                     std::size_t who);

/// Whether evidence for `next` outweighs an earlier diagnosis of `current`: nothing comes after a
/// crash, and only facts about the process overrule silence.
[[nodiscard]] bool overrules(Cause next, Cause current);

}  // namespace ftcore
