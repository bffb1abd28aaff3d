// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace faultline {

/// The longest message to the guardian. Units: bytes.
constexpr std::size_t guardian_message_bytes_max = 64 * 1024;

struct GuardianDuty {
    int socket = -1;
    std::string run;
    std::filesystem::path journal;
};

/// The life of the guardian, in the forked child: listen, undo, remove the journal, exit.
[[noreturn]] void be_guardian(const GuardianDuty& duty);

}  // namespace faultline
