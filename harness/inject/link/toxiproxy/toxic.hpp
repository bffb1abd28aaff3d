// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "harness/inject/link/tally.hpp"
#include "harness/inject/link/toxiproxy/toxic_type.hpp"
#include "harness/scenario/document.hpp"

namespace faultline::link {

inline constexpr std::size_t toxics_max = 100;  // of one proxy

/// A toxic, ready to be put on a link: everything about it has been checked.
struct Toxic {
    std::string name;
    const ToxicType* type = nullptr;
    Stream stream = Stream::downstream;
    double toxicity = 1;
    Node::Object attributes{};  // as shown to clients: what was given, and the defaults
    std::shared_ptr<Effect> effect{};
    std::shared_ptr<Tally> tally{};
};

}  // namespace faultline::link
