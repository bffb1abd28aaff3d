// SPDX-License-Identifier: Apache-2.0
#include "targets/supervisor/child_settings.hpp"

#include <algorithm>
#include <array>
#include <csignal>

#include <fmt/format.h>

namespace ftsupervisor {
namespace {

using ftcore::SettingType;
using ftcore::SettingValues;
using Words = std::vector<std::string>;

struct StopSignal {
    const char* name;
    int number;
};
constexpr std::array stop_signals{StopSignal{"TERM", SIGTERM},
                                  StopSignal{"INT", SIGINT},
                                  StopSignal{"QUIT", SIGQUIT},
                                  StopSignal{"HUP", SIGHUP},
                                  StopSignal{"USR1", SIGUSR1},
                                  StopSignal{"USR2", SIGUSR2},
                                  StopSignal{"KILL", SIGKILL}};

Words stop_signal_names() {
    Words names;
    for (const StopSignal& signal : stop_signals)
        names.emplace_back(signal.name);
    return names;
}

int stop_signal_number(const std::string& name) {
    const auto* const found =
        std::find_if(stop_signals.begin(), stop_signals.end(), [&name](const StopSignal& signal) {
            return signal.name == name;
        });
    return found == stop_signals.end() ? SIGTERM : found->number;
}

ftcore::Restart restart_of(const std::string& name) {
    for (const auto restart : {ftcore::Restart::transient, ftcore::Restart::temporary}) {
        if (name_of(restart) == name) return restart;
    }
    return ftcore::Restart::permanent;
}

/// Letters that do not get in the way of logs, events and "after".
bool is_name(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') ||
               std::string_view("-_.[]").find(letter) != std::string_view::npos;
    });
}

/// "name=value" as a mention, or what is wrong with it.
void add_option(const std::string& word,
                const std::string& place,
                std::vector<ftcore::SettingMention>& options,
                Words& mistakes) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
        mistakes.push_back(
            fmt::format("{}: \"{}\" is not an option; options are written name=value, "
                        "and the command stands behind --",
                        place,
                        word));
        return;
    }
    options.push_back({word.substr(0, equals), {word.substr(equals + 1)}, place});
}

void read_environment(const SettingValues& values,
                      const std::string& place,
                      Child& child,
                      Words& mistakes) {
    for (const std::string& setting : values.all<std::string>("env")) {
        const std::size_t equals = setting.find('=');
        if (equals == std::string::npos || equals == 0) {
            mistakes.push_back(
                fmt::format("{}: env \"{}\" has no value; write env=NAME=VALUE", place, setting));
            continue;
        }
        child.environment[setting.substr(0, equals)] = setting.substr(equals + 1);
    }
}

}  // namespace

const ftcore::SettingTable& child_table() {
    static const ftcore::SettingTable table{
        {.name = "restart",
         .type = SettingType::choice,
         .help = "When it is started again: always, after a failure only, never.",
         .default_value = "permanent",
         .choices = {"permanent", "transient", "temporary"}},
        {.name = "heartbeat",
         .type = SettingType::duration,
         .help = "It beats (targets/core/supervise/heartbeat.hpp); so long a silence means that it "
                 "hangs: it is killed and counts as failed.",
         .minimum = 1e6,
         .maximum = 86400e9,
         .example = "500ms"},
        {.name = "first-heartbeat",
         .type = SettingType::duration,
         .help = "Time for the first beat of a run.",
         .default_value = "10s",
         .minimum = 1e6,
         .maximum = 86400e9},
        {.name = "stop-within",
         .type = SettingType::duration,
         .help = "Time to end when asked to, before it is killed; instead of the general one.",
         .maximum = 86400e9,
         .example = "5s"},
        {.name = "stop-signal",
         .type = SettingType::choice,
         .help = "What asks it to end.",
         .default_value = "TERM",
         .choices = stop_signal_names()},
        {.name = "after",
         .type = SettingType::text,
         .help = "Starts when that child is up: has sent its first beat, or runs if it sends none.",
         .repeatable = true,
         .form = "<child>",
         .example = "other"},
        {.name = "env",
         .type = SettingType::text,
         .help = "One more variable of its environment.",
         .repeatable = true,
         .form = "<NAME=VALUE>",
         .example = "FAULTLINE_INSTANCE=kv[0]"},
        {.name = "folder",
         .type = SettingType::text,
         .help = "Its working directory.",
         .form = "<path>",
         .example = "/var/lib/worker"},
        {.name = "event-name",
         .type = SettingType::text,
         .help = "What events call it, instead of its name.",
         .form = "<name>",
         .example = "kv[0]"}};
    return table;
}

Child parse_child(const Words& words,
                  const std::string& place,
                  faultline::Duration stop_within,
                  Words& mistakes) {
    Child child;
    child.spec.name = words.empty() ? "" : words.front();
    const std::string about = fmt::format("{}: child {}", place, child.spec.name);
    if (!is_name(child.spec.name)) {
        mistakes.push_back(
            fmt::format("{}: \"{}\" is no name for a child; use letters, digits and -_.[]",
                        place,
                        child.spec.name));
    }
    const auto dashes = std::find(words.begin(), words.end(), "--");
    if (dashes == words.end() || dashes + 1 == words.end()) {
        mistakes.push_back(about +
                           ": has no command; write \"child name option=value -- program "
                           "arguments\"");
        return child;
    }
    child.words.assign(dashes + 1, words.end());
    std::vector<ftcore::SettingMention> options;
    for (auto word = words.begin() + 1; word < dashes; ++word)
        add_option(*word, about, options, mistakes);
    const auto read = ftcore::settle_settings(child_table(), options, about);
    mistakes.insert(mistakes.end(), read.mistakes.begin(), read.mistakes.end());
    if (!read.mistakes.empty()) return child;

    const SettingValues& values = read.values;
    child.spec.restart = restart_of(values.get<std::string>("restart"));
    child.spec.heartbeat_timeout = values.find<faultline::Duration>("heartbeat");
    child.spec.first_beat_within = values.get<faultline::Duration>("first-heartbeat");
    child.spec.stop_within = values.find<faultline::Duration>("stop-within").value_or(stop_within);
    child.spec.after = values.all<std::string>("after");
    child.spec.event_name = values.find<std::string>("event-name").value_or("");
    child.folder = values.find<std::string>("folder").value_or("");
    child.stop_signal = stop_signal_number(values.get<std::string>("stop-signal"));
    read_environment(values, about, child, mistakes);
    return child;
}

}  // namespace ftsupervisor
