// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "targets/core/types.hpp"

namespace ftcore::simulation {

/// How a group falls apart round one of its members, the centre. The first six leave a majority
/// that reaches each other both ways, and the newest log in it: then the group must go on.
enum class Shape : std::uint8_t {
    mute,       // nobody hears it
    deaf,       // it hears nobody
    alone,      // both
    one_way,    // its neighbour does not hear it
    ring,       // everybody reaches two neighbours; of three members one link is missing
    bridge,     // two halves that meet in the centre only
    parts,      // two parts of any size
    half_heard  // of two parts, one does not hear the other
};
constexpr std::size_t shape_count = 8;
constexpr std::size_t majority_shape_count = 6;

/// One way a group can be cut.
struct Cut {
    Shape shape = Shape::alone;
    NodeId centre = 1;
    std::vector<bool> side{};  // by id, for parts and half_heard

    /// Whether messages on this way do not pass. `count`: of members.
    [[nodiscard]] bool closes(NodeId count, NodeId from, NodeId to) const;
    /// Whether the centre cannot lead while the ways are closed.
    [[nodiscard]] bool unseats_centre() const {
        return shape == Shape::mute || shape == Shape::deaf || shape == Shape::alone;
    }
};

}  // namespace ftcore::simulation
