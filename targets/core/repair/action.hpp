// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "targets/core/errors/error_code.hpp"
#include "targets/core/failover/consensus.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// What the outside has to do. Each is answered by `ActionDone` with its id.
namespace action {
struct SuspectLeader {  // → Consensus::suspect
    NodeId leader;
    Suspicion suspicion;
};
struct ProbePeer {  // open a fresh connection: refused, timed out or accepted?
    NodeId peer;
};
struct HandOverLead {
    std::string reason;
};
struct RotateLog {};  // new segment, rewrite what was not synced, sync
struct RefuseWrites {
    bool on;
    ErrorCode code;
};
struct Shed {  // refuse this share of new commands; 0 ends it
    double share;
};
struct Resynchronise {};  // drop what is damaged and fetch it from the leader
struct IsolateSelf {      // take no part until restarted: the safe state
    std::string reason;
};
struct RestartSelf {  // exit so that a supervisor starts us again
    std::string reason;
};
struct CallWebhook {
    std::string url;
    std::string body;
};
struct RunCommand {
    std::vector<std::string> words;
};
}  // namespace action

using ActionBody = std::variant<action::SuspectLeader,
                                action::ProbePeer,
                                action::HandOverLead,
                                action::RotateLog,
                                action::RefuseWrites,
                                action::Shed,
                                action::Resynchronise,
                                action::IsolateSelf,
                                action::RestartSelf,
                                action::CallWebhook,
                                action::RunCommand>;

struct Action {
    std::uint64_t id = 0;
    ActionBody what{};
};

}  // namespace ftcore
