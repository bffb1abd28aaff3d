// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "harness/inject/link/tally.hpp"

namespace faultline::link {

/// "1 chunk", "1,204 chunks".
[[nodiscard]] std::string counted(std::uint64_t count, const std::string& noun);

/// "41 chunks (2.3 KiB) delayed by 50.1 ms on average", and how many of them are still held.
[[nodiscard]] std::string delay_account(const Tally& tally, const std::string& verb = "delayed");

/// The same in front of how connections ended: "12 connections reset, 1 connection closed"; empty:
/// nothing happened.
[[nodiscard]] std::string ending_account(const Tally& tally);

/// Joined by ", " where both are there.
[[nodiscard]] std::string joined(const std::string& first, const std::string& second);

}  // namespace faultline::link
