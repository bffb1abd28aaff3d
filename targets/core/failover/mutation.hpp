// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ftcore {

/// Deliberate bugs, to prove that the simulator finds them. Only a build with FTCORE_MUTATIONS has
/// the switch; elsewhere `mutated` is the constant false and costs nothing.
enum class Mutation : std::uint8_t {
    none,
    vote_twice_in_a_term,
    forget_to_sync_the_vote,
    acknowledge_before_quorum,
    read_without_lease,
    skip_torn_tail_check,
    commit_old_term_by_counting,
    reuse_snapshot_index,
    resume_old_leaders_queue
};

#ifdef FTCORE_MUTATIONS
inline Mutation active_mutation = Mutation::none;
[[nodiscard]] inline bool mutated(Mutation mutation) {
    return active_mutation == mutation;
}
#else
[[nodiscard]] constexpr bool mutated(Mutation) {
    return false;
}
#endif

}  // namespace ftcore
