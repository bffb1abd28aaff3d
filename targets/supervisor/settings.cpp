// SPDX-License-Identifier: Apache-2.0
#include "targets/supervisor/settings.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "targets/core/supervise/start_order.hpp"

namespace ftsupervisor {
namespace {

using faultline::Duration;
using ftcore::SettingType;
using ftcore::SettingValues;

constexpr double day_ns = 86400e9;

ftcore::RestartStrategy strategy_of(const std::string& name) {
    for (const auto strategy :
         {ftcore::RestartStrategy::one_for_all, ftcore::RestartStrategy::rest_for_one}) {
        if (name_of(strategy) == name) return strategy;
    }
    return ftcore::RestartStrategy::one_for_one;
}

ftcore::SupervisorSettings supervisor_settings(const SettingValues& values) {
    return {.strategy = strategy_of(values.get<std::string>("strategy")),
            .restarts_max = static_cast<int>(values.get<std::int64_t>("intensity")),
            .period = values.get<Duration>("period"),
            .pause_first = values.get<Duration>("backoff"),
            .pause_cap = values.get<Duration>("backoff-max"),
            .stable_after = values.get<Duration>("stable-after"),
            .verified_after = values.get<Duration>("verified-after")};
}

/// Puts the children into start order.
void order_children(std::vector<Child>& children, const std::string& place, auto& mistakes) {
    std::vector<ftcore::ChildSpec> specs;
    for (const Child& child : children)
        specs.push_back(child.spec);
    const auto order = ftcore::start_order(specs);
    if (!order) {
        mistakes.push_back(place + ": " + order.error().message);
        return;
    }
    std::vector<Child> ordered;
    for (const std::size_t index : *order)
        ordered.push_back(std::move(children[index]));
    children = std::move(ordered);
}

}  // namespace

const ftcore::SettingTable& settings_table() {
    static const ftcore::SettingTable table{
        {.name = "child",
         .type = SettingType::words,
         .help =
             "A child and its command; started in this order, stopped in reverse. The options of "
             "a child stand below.",
         .required = true,
         .repeatable = true,
         .form = "<name> [option=value...] -- <program> [arguments...]",
         .example = "worker restart=permanent -- sleep 1000",
         .section = "children",
         .words_min = 2},
        {.name = "strategy",
         .type = SettingType::choice,
         .help = "Who is restarted with a child that failed: nobody else, all, or those started "
                 "after it.",
         .default_value = "one_for_one",
         .choices = {"one_for_one", "one_for_all", "rest_for_one"},
         .section = "restarts"},
        {.name = "intensity",
         .type = SettingType::integer,
         .help = "So many restarts within a period are borne; with one more everything is stopped "
                 "and the supervisor gives up (exit code 3).",
         .default_value = "5",
         .minimum = 0,
         .maximum = 1e6,
         .section = "restarts"},
        {.name = "period",
         .type = SettingType::duration,
         .help = "The period of the intensity.",
         .default_value = "10s",
         .minimum = 1e6,
         .maximum = day_ns,
         .section = "restarts"},
        {.name = "backoff",
         .type = SettingType::duration,
         .help =
             "Pause before the second restart of a child in a row (the first comes at once); it "
             "doubles every time.",
         .default_value = "100ms",
         .maximum = day_ns,
         .section = "restarts"},
        {.name = "backoff-max",
         .type = SettingType::duration,
         .help = "The longest pause before a restart.",
         .default_value = "5s",
         .maximum = day_ns,
         .section = "restarts"},
        {.name = "stable-after",
         .type = SettingType::duration,
         .help = "A child that stayed up so long starts again without a pause.",
         .default_value = "10s",
         .maximum = day_ns,
         .section = "restarts"},
        {.name = "verified-after",
         .type = SettingType::duration,
         .help = "A restarted child that sends no beats counts as repaired when it runs so long.",
         .default_value = "1s",
         .maximum = day_ns,
         .section = "restarts"},
        {.name = "stop-within",
         .type = SettingType::duration,
         .help = "Time for a child to end when asked to, before it is killed.",
         .default_value = "5s",
         .maximum = day_ns,
         .section = "stopping"},
        {.name = "log",
         .type = SettingType::boolean,
         .help = "Say on standard error what happens.",
         .default_value = "yes",
         .section = "log"}};
    return table;
}

SettingsOrMistakes read_settings(const ftcore::CommandLine& line) {
    ftcore::SettingsRead read = ftcore::read_settings(settings_table(), line.file, line.options);
    SettingsOrMistakes result{{}, std::move(read.mistakes)};
    if (!result.mistakes.empty()) return result;
    const SettingValues& values = read.values;
    Settings& settings = result.settings;
    settings.supervisor = supervisor_settings(values);
    settings.log = values.get<bool>("log");
    const auto lines = values.all<std::vector<std::string>>("child");
    for (std::size_t index = 0; index < lines.size(); ++index) {
        settings.children.push_back(parse_child(lines[index],
                                                values.place_of("child", index),
                                                values.get<Duration>("stop-within"),
                                                result.mistakes));
    }
    if (settings.supervisor.pause_cap < settings.supervisor.pause_first) {
        result.mistakes.push_back(
            values.place_of("backoff-max") +
            ": backoff-max is shorter than backoff; make it at least as long");
    }
    if (result.mistakes.empty())
        order_children(settings.children, values.place_of("child"), result.mistakes);
    return result;
}

std::string help() {
    return fmt::format(
        "ftsupervisor [FILE] [--name value...]\n"
        "Keeps child processes running: restarts those that crash or fall silent, gives up when "
        "that\n"
        "does not help, stops all in reverse order.\n"
        "\n"
        "  ftsupervisor --child \"worker heartbeat=500ms -- ./worker --port 7001\"\n"
        "  ftsupervisor --example > supervisor.conf; ftsupervisor --check supervisor.conf\n"
        "\n"
        "FILE holds lines \"name value...\"; options win over it. SIGTERM, SIGINT and SIGHUP stop, "
        "a\n"
        "second one kills; SIGUSR1 prints the state of the children.\n"
        "Exit codes: 0 stopped, or all children ended; 1 the supervisor failed; 2 bad "
        "configuration;\n"
        "3 gave up after too many restarts; 4 a child could not be started.\n"
        "{}\noptions of a child (name=value, before --):\n{}",
        ftcore::help_text(settings_table()),
        [] {
            // Not options of the command line: name=value.
            std::string text = ftcore::help_text(child_table());
            for (std::size_t at = 0; (at = text.find("  --", at)) != std::string::npos;) {
                text.erase(at + 2, 2);
                text[text.find(' ', at + 2)] = '=';
            }
            return text;
        }());
}

std::string example() {
    return ftcore::example_text(
               settings_table(),
               "Configuration of ftsupervisor. Check it: ftsupervisor --check FILE") +
           "\n# ---- a child with every option\n#\n" + [] {
               std::string text;
               for (const auto& row : child_table()) {
                   text += fmt::format("#   {}={}\n#       {}\n",
                                       row.name,
                                       row.default_value.empty() ? row.example : row.default_value,
                                       row.help);
               }
               return text;
           }();
}

}  // namespace ftsupervisor
