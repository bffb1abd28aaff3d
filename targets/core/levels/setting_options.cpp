// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "targets/core/levels/setting_words.hpp"
#include "targets/core/levels/settings_table.hpp"

namespace ftcore {
namespace {

/// "--port", not "--" (which stands before a command) and not "-1".
bool names_option(const std::string& argument) {
    return argument.size() > 2 && argument.starts_with("--");
}

/// Reads `--name value...` and `--name=value`.
class OptionReader {
  public:
    OptionReader(const SettingTable& table,
                 std::span<const std::string> arguments,
                 std::vector<std::string>& mistakes)
        : table_(table), rest_(arguments), mistakes_(mistakes) {}

    std::vector<SettingMention> read() {
        while (!rest_.empty()) {
            if (names_option(rest_.front())) {
                read_option();
            } else {
                mistakes_.push_back(fmt::format(
                    "command line: \"{}\" belongs to no option; options are written --name value",
                    take()));
            }
        }
        return std::move(mentions_);
    }

  private:
    std::string take() {
        std::string argument = rest_.front();
        rest_ = rest_.subspan(1);
        return argument;
    }

    [[nodiscard]] SettingType type_of(const std::string& name) const {
        const auto row =
            std::find_if(table_.begin(), table_.end(), [&name](const Setting& setting) {
                return setting.name == name;
            });
        return row == table_.end() ? SettingType::text : row->type;
    }

    void read_option() {
        std::string name = take().substr(2);
        std::vector<std::string> words;
        if (const std::size_t equals = name.find('='); equals != std::string::npos) {
            words.push_back(name.substr(equals + 1));
            name.resize(equals);
        } else {
            while (!rest_.empty() && !names_option(rest_.front()))
                words.push_back(take());
        }
        const std::string place = "option --" + name;
        const SettingType type = type_of(name);
        if (type == SettingType::boolean && words.empty()) words.emplace_back("yes");
        if (type == SettingType::words && words.size() == 1) {
            auto split = split_words(words.front());
            if (!split) {
                mistakes_.push_back(place + ": " + split.error().message);
                return;
            }
            words = std::move(*split);
        }
        mentions_.push_back({std::move(name), std::move(words), place});
    }

    const SettingTable& table_;
    std::span<const std::string> rest_;
    std::vector<std::string>& mistakes_;
    std::vector<SettingMention> mentions_;
};

}  // namespace

std::vector<SettingMention> mentions_in_options(const SettingTable& table,
                                                std::span<const std::string> options,
                                                std::vector<std::string>& mistakes) {
    return OptionReader(table, options, mistakes).read();
}

}  // namespace ftcore
