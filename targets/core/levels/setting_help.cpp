// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "targets/core/levels/settings_table.hpp"

namespace ftcore {
namespace {

constexpr std::size_t text_width = 88;
constexpr std::size_t help_indent = 6;

/// "1ms to 10s; default 100ms; may be repeated"
std::string facts_of(const Setting& row) {
    std::string facts;
    const auto add = [&facts](const std::string& fact) {
        if (!fact.empty()) facts += (facts.empty() ? "" : "; ") + fact;
    };
    // A choice's form already lists what may be chosen.
    if (row.type != SettingType::choice) add(range_of(row));
    add(row.default_value.empty() ? "" : "default " + row.default_value);
    add(row.required ? "required" : "");
    add(row.repeatable ? "may be repeated" : "");
    return facts;
}

std::string explained(const Setting& row) {
    const std::string facts = facts_of(row);
    return facts.empty() ? row.help : fmt::format("{} ({})", row.help, facts);
}

/// The text in lines that begin with `prefix` and are broken at blanks.
std::string wrapped(const std::string& text, const std::string& prefix) {
    std::string lines;
    std::string line;
    const auto end_line = [&] {
        if (!line.empty()) lines += prefix + line + "\n";
        line.clear();
    };
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
        const std::string word = text.substr(begin, end - begin);
        if (!line.empty() && prefix.size() + line.size() + 1 + word.size() > text_width) end_line();
        line += (line.empty() ? "" : " ") + word;
        if (end < text.size() && text[end] == '\n') end_line();
        begin = end + 1;
    }
    end_line();
    return lines;
}

/// Calls `heading` where a new section begins and `each` for every row.
template <class Heading, class Each>
void walk(const SettingTable& table, Heading heading, Each each) {
    std::string section;
    for (const Setting& row : table) {
        if (row.section != section) heading(row.section);
        section = row.section;
        each(row);
    }
}

}  // namespace

std::string help_text(const SettingTable& table) {
    std::string text;
    walk(
        table,
        [&text](const std::string& section) { text += "\n" + section + ":\n"; },
        [&text](const Setting& row) {
            text += fmt::format("  --{} {}\n", row.name, form_of(row));
            text += wrapped(explained(row), std::string(help_indent, ' '));
        });
    return text;
}

std::string example_text(const SettingTable& table, const std::string& about) {
    std::string text = wrapped(about, "# ");
    walk(
        table,
        [&text](const std::string& section) { text += "\n# ---- " + section + "\n"; },
        [&text](const Setting& row) {
            text += "\n" + wrapped(explained(row), "# ");
            const std::string value = row.required && !row.example.empty() ? row.example
                                      : !row.default_value.empty()         ? row.default_value
                                      : !row.example.empty()               ? row.example
                                                                           : form_of(row);
            text += fmt::format("{}{} {}\n", row.required ? "" : "#", row.name, value);
        });
    return text;
}

}  // namespace ftcore
