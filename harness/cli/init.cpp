// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/file.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/judge/outcome.hpp"

namespace faultline::cli {
namespace {

using Json = nlohmann::ordered_json;

bool is_port(const std::string& word) {
    return !word.empty() && word.size() <= 5 &&
           std::all_of(
               word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; }) &&
           std::stoi(word) >= 80 && std::stoi(word) <= 65535;
}

/// Replaces what looks like the port the server listens on by a template. Returns whether it found
/// one.
bool replace_port(std::vector<std::string>& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        std::string& word = words[i];
        const bool after_flag =
            words[i - 1].find("port") != std::string::npos || words[i - 1] == "-p";
        if (is_port(word) && (after_flag || i + 1 == words.size())) {
            word = "${port.client}";
            return true;
        }
        const std::size_t mark = word.find_last_of("=:");
        if (mark != std::string::npos && is_port(word.substr(mark + 1)) &&
            (word[mark] == ':' || word.find("port") != std::string::npos)) {
            word = word.substr(0, mark + 1) + "${port.client}";
            return true;
        }
    }
    return false;
}

Json load_for(const std::string& program) {
    if (program.find("redis") != std::string::npos)
        return {{"driver", "redis"}, {"to", "server"}, {"rate", "500/s"}, {"timeout", "100ms"}};
    return {{"driver", "tcp"},
            {"to", "server"},
            {"mode", "connect"},
            {"rate", "200/s"},
            {"timeout", "100ms"}};
}

Json first_scenario(std::vector<std::string> words, bool& has_port) {
    const std::string program = std::filesystem::path(words.front()).filename().string();
    has_port = replace_port(words);
    const std::string ready = program.find("redis") != std::string::npos ? "redis.ping" : "tcp";
    Json scenario;
    scenario["name"] = program + "-crash";
    scenario["about"] = "Kills " + program +
                        " under load and starts it again. Edit: 'ready' (when is it up), 'load' "
                        "(what clients do), 'faults' (faultline list faults), "
                        "'expect' (what must hold). Then: faultline explain, faultline run.";
    scenario["targets"]["server"] = {{"command", words},
                                     {"ports", {"client"}},
                                     {"ready", {{"probe", ready}, {"within", "10s"}}}};
    scenario["load"] = load_for(program);
    scenario["steady_state"] = {{"success_rate", 0.99}, {"for", "500ms"}, {"within", "10s"}};
    scenario["faults"] = Json::array({{{"fault", "process.crash"},
                                       {"on", "server"},
                                       {"id", "crash"},
                                       {"at", "500ms"},
                                       {"jitter", "200ms"}},
                                      {{"fault", "process.restart"},
                                       {"on", "$crash"},
                                       {"id", "restart"},
                                       {"after", {{"event", "exit"}, {"delay", "100ms"}}}}});
    scenario["detection"] = Json::array({{{"exit", "server"}}});
    scenario["recovery"] = {{"success_rate", 0.99}, {"for", "300ms"}, {"within", "10s"}};
    scenario["success_window"] = "1s";
    scenario["expect"] = {"recovery_time.max <= 5s", "recovered >= 90%"};
    scenario["trials"] = {{"count", 5}};
    return scenario;
}

}  // namespace

int init(const InitCommand& command) {
    bool has_port = false;
    const Json scenario = first_scenario(command.command, has_port);
    const std::string program = std::filesystem::path(command.command.front()).filename().string();
    const std::filesystem::path out =
        command.out.empty() ? std::filesystem::path(program + ".json") : command.out;
    if (std::filesystem::exists(out)) {
        return complain(out.string() + " is there already; choose another name with --out",
                        exit_code_of(RunOutcome::usage));
    }
    if (auto written = write_file(out, scenario.dump(2) + "\n"); !written) {
        return complain(written.error().message, exit_code_of(RunOutcome::usage));
    }
    fmt::print("wrote {}\n", out.string());
    if (!has_port) {
        fmt::print(
            "No port was found in the command: put ${{port.client}} where the server is told which "
            "port to use.\n");
    }
    fmt::print("next: faultline explain {0}\n      faultline run {0}\n", out.string());
    return 0;
}

}  // namespace faultline::cli
