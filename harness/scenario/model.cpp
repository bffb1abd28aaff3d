// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/model.hpp"

#include <fmt/format.h>

namespace faultline {

const Target* find_target(const Scenario& scenario, const std::string& name) {
    for (const Target& target : scenario.targets) {
        if (target.name == name) return &target;
    }
    return nullptr;
}

std::string instance_name(const std::string& target, int index) {
    return fmt::format("{}[{}]", target, index);
}

}  // namespace faultline
