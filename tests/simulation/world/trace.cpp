// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/trace.hpp"

#include <cstring>

#include <fmt/format.h>

namespace ftcore::simulation {

void Trace::mix(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 0x9e3779b97f4a7c15;
    hash_ ^= hash_ >> 32;
}

void Trace::note(
    TrueTime time, NodeId node, std::string_view what, std::uint64_t first, std::uint64_t second) {
    std::uint64_t name = 0;
    std::memcpy(&name, what.data(), std::min(what.size(), sizeof name));
    mix(static_cast<std::uint64_t>(time.count()));
    mix(name + node);
    mix(first * 31 + second);
    if (out_ != nullptr) line(time, node, fmt::format("{} {} {}", what, first, second));
}

void Trace::line(TrueTime time, NodeId node, const std::string& text) {
    if (out_ == nullptr) return;
    const std::int64_t micros = time.count() / 1000;
    fmt::print(out_, "{:4}.{:06} [{}] {}\n", micros / 1'000'000, micros % 1'000'000, node, text);
}

}  // namespace ftcore::simulation
