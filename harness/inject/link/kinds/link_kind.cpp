// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/link_kind.hpp"

namespace faultline::link {

Parameter direction_parameter() {
    return {.name = "direction",
            .type = ParameterType::choice,
            .help =
                "Which way: upstream (from the one who connects), downstream (what is "
                "answered), or both.",
            .default_value = "both",
            .choices = {"both", "upstream", "downstream"}};
}

Ways ways_of(const Parameters& parameters) {
    const auto& direction = parameters.get<std::string>("direction");
    return {.up = direction != "downstream", .down = direction != "upstream"};
}

Parameter probability_parameter() {
    return {.name = "probability",
            .type = ParameterType::share,
            .help = "The share of connections it is for; each draws once, from the trial's seed.",
            .default_value = "100%",
            .minimum = 0,
            .maximum = 1};
}

}  // namespace faultline::link
