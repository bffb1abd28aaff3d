// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "targets/core/levels/setting.hpp"
#include "targets/core/levels/setting_values.hpp"

namespace ftcore {

/// A configuration is a file of lines `name value...`, and the same names are options of the
/// command line, which win over the file:
///
///     # comment                          --port 7001 --level=high
///     port 7001                          --member 1 127.0.0.1:7101
///     member 1 127.0.0.1:7101            --child "worker restart=permanent -- sleep 5"
///
/// Several words behind an option belong to it up to the next `--name`; a single one is split as a
/// line of the file is when the setting takes words. A boolean option may stand alone: yes.
///
///     file ──► lines ──┐
///                      ├─► SettingMention ──► settle ──► values, or all mistakes at once
///     options ─────────┘
struct SettingMention {
    std::string name;
    std::vector<std::string> words;
    std::string place;
};

/// Usable when `mistakes` is empty; each mistake is "place: reason and remedy". The program appends
/// what it finds across settings with `values.place_of(name)`.
struct SettingsRead {
    SettingValues values;
    std::vector<std::string> mistakes;

    /// "node.conf:12: " and the reason: a mistake about a setting that was read.
    void add_mistake(const std::string& name, const std::string& reason, std::size_t index = 0) {
        mistakes.push_back(values.place_of(name, index) + ": " + reason);
    }
};

/// Reads both sources against the table. Mistakes: a file that cannot be read (or is over 1 MiB),
/// unknown, repeated and missing names, and what `parse_setting` says. A repeatable setting given
/// as an option replaces all its lines in the file.
[[nodiscard]] SettingsRead read_settings(const SettingTable& table,
                                         const std::optional<std::filesystem::path>& file,
                                         std::span<const std::string> options);

/// The same for mentions from elsewhere; of the settings that are missing, `whole` says where they
/// are missing from ("node.conf", "node.conf:12").
[[nodiscard]] SettingsRead settle_settings(const SettingTable& table,
                                           const std::vector<SettingMention>& mentions,
                                           const std::string& whole);

/// The lines of a configuration text; mistakes of quoting go to `mistakes`.
[[nodiscard]] std::vector<SettingMention> mentions_in_text(std::string_view text,
                                                           const std::string& file_name,
                                                           std::vector<std::string>& mistakes);
/// The options of a command line.
[[nodiscard]] std::vector<SettingMention> mentions_in_options(const SettingTable& table,
                                                              std::span<const std::string> options,
                                                              std::vector<std::string>& mistakes);

/// The options as a list for `--help`: form, help, range and default of each.
[[nodiscard]] std::string help_text(const SettingTable& table);

/// A whole configuration with every setting explained: what is required stands with its example,
/// the rest is commented out at its default. `about` is the comment at the top; empty: none.
[[nodiscard]] std::string example_text(const SettingTable& table, const std::string& about = {});

}  // namespace ftcore
