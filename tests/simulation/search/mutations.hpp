// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "targets/core/failover/mutation.hpp"

namespace ftcore::simulation {

struct MutationName {
    std::string_view name;
    Mutation mutation;
};

constexpr std::array mutation_names{
    MutationName{"none", Mutation::none},
    MutationName{"vote_twice_in_a_term", Mutation::vote_twice_in_a_term},
    MutationName{"forget_to_sync_the_vote", Mutation::forget_to_sync_the_vote},
    MutationName{"acknowledge_before_quorum", Mutation::acknowledge_before_quorum},
    MutationName{"read_without_lease", Mutation::read_without_lease},
    MutationName{"skip_torn_tail_check", Mutation::skip_torn_tail_check},
    MutationName{"commit_old_term_by_counting", Mutation::commit_old_term_by_counting},
    MutationName{"reuse_snapshot_index", Mutation::reuse_snapshot_index},
    MutationName{"resume_old_leaders_queue", Mutation::resume_old_leaders_queue}};

[[nodiscard]] constexpr std::optional<Mutation> mutation_named(std::string_view name) {
    for (const MutationName& one : mutation_names) {
        if (one.name == name) return one.mutation;
    }
    return std::nullopt;
}

}  // namespace ftcore::simulation
