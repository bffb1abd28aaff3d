// SPDX-License-Identifier: Apache-2.0
#include "targets/core/levels/settings_table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/base/nearest.hpp"
#include "targets/core/levels/setting_words.hpp"

namespace ftcore {
namespace {

constexpr std::size_t file_bytes_max = 1 << 20;

const Setting* find_setting(const SettingTable& table, const std::string& name) {
    const auto found = std::find_if(
        table.begin(), table.end(), [&name](const Setting& row) { return row.name == name; });
    return found == table.end() ? nullptr : &*found;
}

std::string unknown(const SettingTable& table, const std::string& name) {
    std::vector<std::string> names;
    for (const Setting& row : table)
        names.push_back(row.name);
    return fmt::format("unknown setting \"{}\"{}", name, faultline::suggestion(name, names));
}

std::string missing(const Setting& row) {
    return fmt::format("{} is required; add \"{} {}\"{}",
                       row.name,
                       row.name,
                       row.example.empty() ? form_of(row) : row.example,
                       row.help.empty() ? "" : ": " + row.help);
}

/// Puts one mention into `read`, or says what is wrong with it.
void settle_one(const SettingTable& table, const SettingMention& mention, SettingsRead& read) {
    const auto wrong = [&](const std::string& reason) {
        read.mistakes.push_back(mention.place + ": " + reason);
    };
    const Setting* const row = find_setting(table, mention.name);
    if (row == nullptr) return wrong(unknown(table, mention.name));
    if (!row->repeatable && read.values.has(row->name)) {
        return wrong(fmt::format("{} was already given at {}; keep one of them",
                                 row->name,
                                 read.values.place_of(row->name)));
    }
    auto value = parse_setting(*row, mention.words);
    if (!value) return wrong(row->name + ": " + value.error().message);
    read.values.add(row->name, {std::move(*value), mention.place});
}

bool mentions_name(const std::vector<SettingMention>& mentions, const std::string& name) {
    return std::any_of(mentions.begin(), mentions.end(), [&name](const SettingMention& mention) {
        return mention.name == name;
    });
}

/// Appends the mentions of the file that no option overrides.
void add_file(const std::filesystem::path& file,
              std::vector<SettingMention>& mentions,
              std::vector<std::string>& mistakes) {
    const auto text = faultline::read_file(file);
    if (!text) {
        mistakes.push_back(text.error().message);
        return;
    }
    if (text->size() > file_bytes_max) {
        mistakes.push_back(fmt::format("{}: {} bytes are too many for a configuration (at most {})",
                                       file.string(),
                                       text->size(),
                                       file_bytes_max));
        return;
    }
    const std::vector<SettingMention> options = mentions;
    for (SettingMention& line : mentions_in_text(*text, file.string(), mistakes)) {
        if (!mentions_name(options, line.name)) mentions.push_back(std::move(line));
    }
}

}  // namespace

SettingsRead settle_settings(const SettingTable& table,
                             const std::vector<SettingMention>& mentions,
                             const std::string& whole) {
    SettingsRead read;
    for (const SettingMention& mention : mentions)
        settle_one(table, mention, read);
    for (const Setting& row : table) {
        if (read.values.has(row.name)) continue;
        if (!row.default_value.empty()) {
            const std::string place = "default of " + row.name;
            const auto words = split_words(row.default_value);
            if (!words) {
                read.mistakes.push_back(place + ": " + words.error().message);
            } else {
                settle_one(table, {row.name, *words, place}, read);
            }
        } else if (row.required && !mentions_name(mentions, row.name)) {
            read.mistakes.push_back(whole + ": " + missing(row));
        }
    }
    return read;
}

SettingsRead read_settings(const SettingTable& table,
                           const std::optional<std::filesystem::path>& file,
                           std::span<const std::string> options) {
    std::vector<std::string> mistakes;
    std::vector<SettingMention> mentions = mentions_in_options(table, options, mistakes);
    if (file) add_file(*file, mentions, mistakes);
    SettingsRead read =
        settle_settings(table, mentions, file ? file->string() : std::string("command line"));
    read.mistakes.insert(read.mistakes.begin(), mistakes.begin(), mistakes.end());
    return read;
}

std::vector<SettingMention> mentions_in_text(std::string_view text,
                                             const std::string& file_name,
                                             std::vector<std::string>& mistakes) {
    std::vector<SettingMention> mentions;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string place = fmt::format("{}:{}", file_name, number);
        auto words = split_words(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!words) {
            mistakes.push_back(place + ": " + words.error().message);
        } else if (!words->empty()) {
            std::string name = std::move(words->front());
            words->erase(words->begin());
            mentions.push_back({std::move(name), std::move(*words), place});
        }
    }
    return mentions;
}

}  // namespace ftcore
