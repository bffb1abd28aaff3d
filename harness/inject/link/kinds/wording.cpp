// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/wording.hpp"

#include <fmt/format.h>

#include "harness/base/units.hpp"

namespace faultline::link {

std::string counted(std::uint64_t count, const std::string& noun) {
    return format_count(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string delay_account(const Tally& tally, const std::string& verb) {
    const std::uint64_t chunks = tally.chunks.get();
    const std::uint64_t passed = tally.passed.get();
    if (chunks == 0) return "no chunk " + verb;
    std::string text =
        fmt::format("{} ({}) {}", counted(chunks, "chunk"), format_bytes(tally.bytes.get()), verb);
    if (passed == 0) return text + ", none has gone on";
    const auto mean = static_cast<std::int64_t>(tally.delay_ns.get() / passed);
    text += fmt::format(" by {} on average", format_duration(Duration(mean)));
    if (passed < chunks)
        text += fmt::format(", {} of them not gone on", format_count(chunks - passed));
    return text;
}

std::string ending_account(const Tally& tally) {
    std::string text;
    if (const auto resets = tally.resets.get(); resets > 0)
        text = joined(text, counted(resets, "connection") + " reset");
    if (const auto closes = tally.closes.get(); closes > 0)
        text = joined(text, counted(closes, "connection") + " closed");
    if (const auto silent = tally.silent.get(); silent > 0)
        text = joined(text, counted(silent, "connection") + " accepted and not answered");
    return text;
}

std::string joined(const std::string& first, const std::string& second) {
    if (first.empty()) return second;
    if (second.empty()) return first;
    return first + ", " + second;
}

}  // namespace faultline::link
