// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/faultline_program.hpp"

#include <cstdlib>
#include <fstream>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/base/file.hpp"

namespace faultline::e2e {

Workplace::Workplace() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "faultline-e2e-XXXXXX").string();
    FL_CHECK(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
}

Workplace::~Workplace() {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
}

std::filesystem::path Workplace::write(const std::string& name, const std::string& content) const {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
    return path;
}

CommandResult Workplace::faultline(std::vector<std::string> words,
                                   std::map<std::string, std::string> environment) const {
    words.insert(words.begin(), faultline_path().string());
    environment.try_emplace("NO_COLOR", "1");
    environment.try_emplace("FAULTLINE_STORE", "none");  // unless the store is what is tested
    Command command{.words = std::move(words),
                    .environment = std::move(environment),
                    .folder = folder_.string()};
    command.timeout = std::chrono::minutes(5);
    auto result = run_command(command);
    FL_CHECK(result.has_value());
    return *result;
}

namespace {

/// The environment may point elsewhere: to a copy that an unprivileged user can reach.
std::filesystem::path given_or(const char* variable, const char* built) {
    const char* given = std::getenv(variable);
    return given == nullptr ? built : given;
}

}  // namespace

std::filesystem::path faultline_path() {
    return given_or("FAULTLINE_PROGRAM", FAULTLINE_PROGRAM);
}

std::filesystem::path scenarios_folder() {
    return given_or("FAULTLINE_SCENARIOS", SCENARIOS_FOLDER);
}

bool has_program(const std::string& name) {
    const auto found = run_command({.words = {"sh", "-c", "command -v " + name}});
    return found && found->exit_code == 0;
}

std::vector<std::string> remains(const std::string& mark) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string pid = entry.path().filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos ||
            pid == std::to_string(::getpid()))
            continue;
        const auto environment = read_file(entry.path() / "environ");
        if (environment &&
            environment->find("FAULTLINE_TEST=" + mark + '\0') != std::string::npos) {
            const auto line = read_file(entry.path() / "cmdline");
            found.push_back(
                fmt::format("process {} {}", pid, line ? line->substr(0, line->find('\0')) : ""));
        }
    }
    return found;
}

namespace {

constexpr const char* conditions = R"(
  "load": {{"driver": "redis", "to": "{0}", "rate": "500/s", "connections": 4, "timeout": "100ms",
            "lag_max": "10s"}},
  "steady_state": {{"success_rate": 0.99, "for": "100ms", "within": "10s"}},
  "recovery": {{"success_rate": 0.99, "for": "100ms", "within": "5s"}},
  "detection_within": "2s",
  "success_window": "300ms")";

}  // namespace

std::string pair_scenario(const std::string& faults, const std::string& more) {
    return R"({"name": "pair",
  "targets": {"metronome": {"count": 2, "ports": ["client"],
    "command": ["${bin}/metronome", "--port", "${port.client}", "--detect-after", "20ms", "--takeover-after", "50ms"],
    "ready": {"probe": "redis.ping"},
    "instances": {"0": {"args": ["--role", "primary", "--peer-port", "${metronome[1].port.client}"]},
                  "1": {"args": ["--role", "secondary", "--peer-port", "${metronome[0].port.client}"]}}}},
  "roles": {"metronome": {"primary": {"probe": "redis.role", "equals": "master", "period": "10ms"}}},
  "detection": [{"event": "detected"}],)" +
           fmt::format(fmt::runtime(conditions), "metronome@primary") +
           ",\n  \"faults\": " + faults + more + "}\n";
}

std::string single_scenario(const std::string& faults, const std::string& more) {
    return R"({"name": "single",
  "targets": {"metronome": {"ports": ["client"], "command": ["${bin}/metronome", "--port", "${port.client}"],
                            "ready": {"probe": "redis.ping"}}},
  "detection": [{"exit": "metronome"}],)" +
           fmt::format(fmt::runtime(conditions), "metronome") + ",\n  \"faults\": " + faults +
           more + "}\n";
}

}  // namespace faultline::e2e
