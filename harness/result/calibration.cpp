// SPDX-License-Identifier: Apache-2.0
#include "harness/result/calibration.hpp"

#include <cstdlib>
#include <map>
#include <sstream>
#include <sys/utsname.h>
#include <thread>

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/result/json_fields.hpp"
#include "harness/result/record_fields.hpp"

namespace faultline {
namespace {

constexpr int calibration_version = 1;
constexpr int pretty_indent = 2;

using Calibrations = std::map<std::string, Calibration>;  // by machine

void calibration_fields(JsonFields& json, Calibrations& machines) {
    json.version(calibration_version);
    json.object("machines", [&](JsonFields& inside) {
        if (inside.reading()) {
            for (const std::string& machine : inside.names())
                machines[machine];
        }
        for (auto& [machine, calibration] : machines) {
            inside.object(machine.c_str(), [&, &stored = calibration](JsonFields& fields) {
                fields.object("instrument", [&](JsonFields& figures) {
                    instrument_fields(figures, stored.instrument);
                });
                fields.json("figures", stored.figures_json);
            });
        }
    });
}

Result<Calibrations> read_calibrations(const std::filesystem::path& file) {
    Calibrations machines;
    const auto text = read_file(file);
    if (!text && text.error().code == ErrorCode::not_found) return machines;
    if (!text) return tl::unexpected(text.error());
    auto json = JsonFields::to_read(*text);
    if (!json) return in_context(file.string(), json.error());
    calibration_fields(*json, machines);
    if (auto read = json->finish(); !read) return in_context(file.string(), read.error());
    return machines;
}

/// "model name" on x86, absent on most arm64 machines.
std::string cpu_model() {
    const auto text = read_file("/proc/cpuinfo");
    std::istringstream lines(text ? *text : "");
    std::string line;
    while (std::getline(lines, line)) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) {
            return line.substr(colon + 2);
        }
    }
    return "unknown CPU";
}

std::optional<std::filesystem::path> folder_in(const char* variable) {
    const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody sets it
    if (value == nullptr || !std::filesystem::path(value).is_absolute()) return std::nullopt;
    return value;
}

}  // namespace

std::string machine_fingerprint() {
    struct utsname names {};
    ::uname(&names);
    return fmt::format("{} / {} / {} cores / {} {}",
                       &names.nodename[0],
                       cpu_model(),
                       std::thread::hardware_concurrency(),
                       &names.sysname[0],
                       &names.release[0]);
}

std::optional<std::filesystem::path> calibration_file() {
    const auto state = folder_in("XDG_STATE_HOME");
    if (state) return *state / "faultline" / "calibration.json";
    const auto home = folder_in("HOME");
    if (home) return *home / ".local" / "state" / "faultline" / "calibration.json";
    return std::nullopt;
}

Result<> store_calibration(const std::filesystem::path& file,
                           const std::string& machine,
                           const Calibration& calibration) {
    FL_TRY_VOID(make_folder(file.parent_path()));
    FL_TRY(Calibrations machines, read_calibrations(file));
    machines[machine] = calibration;
    JsonFields json = JsonFields::to_write();
    calibration_fields(json, machines);
    return write_file(file, json.text(pretty_indent) + "\n");
}

Result<std::optional<Calibration>> load_calibration(const std::filesystem::path& file,
                                                    const std::string& machine) {
    FL_TRY(const Calibrations machines, read_calibrations(file));
    const auto found = machines.find(machine);
    return found == machines.end() ? std::nullopt : std::optional(found->second);
}

InstrumentError stored_instrument_error() {
    const auto file = calibration_file();
    if (!file) return {};
    const auto stored = load_calibration(*file, machine_fingerprint());
    return stored && *stored ? (*stored)->instrument : InstrumentError{};
}

}  // namespace faultline
