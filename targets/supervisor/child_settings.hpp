// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "targets/core/levels/settings_table.hpp"
#include "targets/core/supervise/child_spec.hpp"

namespace ftsupervisor {

/// What a child is: how it is kept, and what runs.
struct Child {
    ftcore::ChildSpec spec;
    std::vector<std::string> words;                    // program and arguments
    std::map<std::string, std::string> environment{};  // added to the supervisor's own
    std::string folder{};                              // empty: the supervisor's
    int stop_signal = 15;                              // SIGTERM
};

/// The options between a child's name and its command.
[[nodiscard]] const ftcore::SettingTable& child_table();

/// `name [option=value...] -- program arguments...` as a child; `stop_within` where it says
/// nothing. Mistakes go to `mistakes`, each behind `place`.
[[nodiscard]] Child parse_child(const std::vector<std::string>& words,
                                const std::string& place,
                                faultline::Duration stop_within,
                                std::vector<std::string>& mistakes);

}  // namespace ftsupervisor
