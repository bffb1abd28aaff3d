// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/simulation/check/checker.hpp"
#include "tests/simulation/workload/clients.hpp"

namespace ftcore::simulation {

struct Ending {
    std::string property{};  // empty: all is well
    std::string how{};
    bool undecided = false;  // the search for an order of the history was given up
};

/// After a quiet period: somebody leads and serves, everybody has caught up, reads and writes
/// succeed, what was refused was not done, and the clients saw a linearisable history (unless the
/// level or a loss that it permits gives that up).
[[nodiscard]] Ending check_ending(const Scene& scene,
                                  const Clients& clients,
                                  const std::vector<bool>& carried_out);

}  // namespace ftcore::simulation
