// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "targets/core/diagnose/cause.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// Where it is wrong, as seen from this node.
enum class Place : std::uint8_t {
    peer,  // the other node
    link,  // between the two
    self,  // this node, or its own connection to everybody
    disk   // of this node
};

[[nodiscard]] std::string_view name_of(Place place);

struct Diagnosis {
    Instant at{};
    NodeId about = nobody;  // the node that is ill; this one for all but `peer` and `link`
    Cause cause = Cause::crash;
    Place place = Place::peer;
    std::vector<std::string> evidence{};  // sentences

    /// The sentences in one line.
    [[nodiscard]] std::string evidence_text() const;
};

}  // namespace ftcore
