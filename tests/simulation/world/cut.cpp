// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/cut.hpp"

namespace ftcore::simulation {
namespace {

/// Which half of the others a member belongs to, going round from the centre.
bool first_half(NodeId count, NodeId centre, NodeId id) {
    return (id + count - centre) % count <= count / 2;
}

}  // namespace

bool Cut::closes(NodeId count, NodeId from, NodeId to) const {
    const bool touches = from == centre || to == centre;
    switch (shape) {
        case Shape::mute:
            return from == centre;
        case Shape::deaf:
            return to == centre;
        case Shape::alone:
            return touches;
        case Shape::one_way:
            return from == centre && to == centre % count + 1;
        case Shape::ring:
            if (count == 3) return !touches;
            return to % count + 1 != from && from % count + 1 != to;
        case Shape::bridge:
            return !touches && first_half(count, centre, from) != first_half(count, centre, to);
        case Shape::parts:
            return side[from] != side[to];
        case Shape::half_heard:
            return side[from] && !side[to];
    }
    return false;
}

}  // namespace ftcore::simulation
