// SPDX-License-Identifier: Apache-2.0
#include "harness/run/machine.hpp"

#include <algorithm>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/base/units.hpp"
#include "harness/launch/cgroup.hpp"
#include "harness/run/catalog.hpp"
#include "harness/run/network_check.hpp"

namespace faultline {
namespace {

std::string first_line(const std::filesystem::path& path) {
    const auto text = read_file(path);
    return text ? text->substr(0, text->find('\n')) : "unknown";
}

std::string cpu_model() {
    const auto text = read_file("/proc/cpuinfo");
    if (!text) return "unknown";
    const std::size_t at = text->find("model name");
    if (at == std::string::npos) return "unknown";
    const std::size_t colon = text->find(": ", at);
    return text->substr(colon + 2, text->find('\n', colon) - colon - 2);
}

}  // namespace

MachineAbilities find_abilities() {
    MachineAbilities abilities;
    abilities.launch = best_launch_method();
    auto root = writable_cgroup_root();
    if (root) {
        abilities.cgroup_root = *root;
    } else {
        abilities.cgroup_note = root.error().message;
    }
    return abilities;
}

Result<MachineAbilities> find_abilities(const Scenario& scenario) {
    MachineAbilities abilities = find_abilities();
    if (scenario.isolation == Isolation::process) return abilities;
    const auto checked = check_network();
    abilities.network = checked.has_value();
    abilities.network_note = checked ? "" : checked.error().message;
    if (checked) return abilities;
    if (scenario.isolation == Isolation::netns) {
        return fail(fmt::format("isolation \"netns\" does not work here: {}; with \"auto\", links "
                                "would be proxies",
                                abilities.network_note),
                    checked.error().code);
    }
    const auto insists =
        std::find_if(scenario.faults.begin(), scenario.faults.end(), [](const FaultSpec& fault) {
            const Kind* kind = find_kind(full_catalog().faults, fault.kind);
            return kind != nullptr && kind->needs_packets;
        });
    if (insists == scenario.faults.end()) return abilities;
    return fail(fmt::format("{} needs a network that the kernel carries, and this machine does not "
                            "permit one: {}",
                            insists->kind,
                            abilities.network_note),
                checked.error().code);
}

std::map<std::string, std::string> machine_facts(const MachineAbilities& abilities) {
    utsname system{};
    ::uname(&system);
    struct sysinfo memory {};
    ::sysinfo(&memory);
    std::map<std::string, std::string> facts;
    facts["host"] = system.nodename;
    facts["kernel"] = fmt::format("{} {} {}", system.sysname, system.release, system.machine);
    facts["cpu"] = cpu_model();
    facts["cores"] = std::to_string(std::max(1U, std::thread::hardware_concurrency()));
    facts["memory"] = format_bytes(std::uint64_t{memory.totalram} * memory.mem_unit);
    facts["load_average"] = first_line("/proc/loadavg");
    facts["clock_source"] =
        first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    facts["user"] = ::geteuid() == 0 ? "root" : "unprivileged";
    facts["launch"] = name_of(abilities.launch);
    facts["cgroup"] = abilities.cgroup_root ? "v2 at " + abilities.cgroup_root->string()
                                            : "none: " + abilities.cgroup_note;
    facts["network"] =
        abilities.network ? "a namespace per instance" : "the machine's: " + abilities.network_note;
    return facts;
}

}  // namespace faultline
