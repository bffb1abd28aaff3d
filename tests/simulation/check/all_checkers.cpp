// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/check/checker.hpp"

namespace ftcore::simulation {

std::vector<std::unique_ptr<Checker>> all_checkers() {
    std::vector<std::unique_ptr<Checker>> checkers;
    for (const auto make : {&election_safety,
                            &leader_append_only,
                            &log_matching,
                            &leader_completeness,
                            &state_machine_safety,
                            &durability,
                            &single_lease_holder,
                            &once_only,
                            &fresh_reads}) {
        checkers.push_back(make());
    }
    return checkers;
}

}  // namespace ftcore::simulation
