// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "targets/core/levels/command_line.hpp"
#include "targets/core/levels/settings_table.hpp"
#include "targets/supervisor/child_settings.hpp"

namespace ftsupervisor {

struct Settings {
    ftcore::SupervisorSettings supervisor{};
    std::vector<Child> children{};  // in start order
    bool log = true;
};

struct SettingsOrMistakes {
    Settings settings;                  // usable when there is no mistake
    std::vector<std::string> mistakes;  // each with its place, reason and remedy
};

/// What can be configured.
[[nodiscard]] const ftcore::SettingTable& settings_table();

[[nodiscard]] SettingsOrMistakes read_settings(const ftcore::CommandLine& line);

/// `ftsupervisor --help` and `--example`.
[[nodiscard]] std::string help();
[[nodiscard]] std::string example();

}  // namespace ftsupervisor
