// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <sys/resource.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/file.hpp"
#include "harness/base/network_namespace.hpp"
#include "harness/base/units.hpp"
#include "harness/cli/commands.hpp"
#include "harness/inject/injector.hpp"
#include "harness/launch/network_rights.hpp"
#include "harness/result/calibration.hpp"
#include "harness/run/catalog.hpp"
#include "harness/run/machine.hpp"
#include "harness/run/network_check.hpp"

namespace faultline::cli {
namespace {

enum class State { yes, limited, no };

struct Finding {
    std::string name;  // stable, for scripts: "cgroup", "realtime"
    State state;
    std::string found;
    std::string consequence;
};

std::string_view name_of(State state) {
    switch (state) {
        case State::yes:
            return "yes";
        case State::limited:
            return "limited";
        case State::no:
            return "no";
    }
    return "";
}

Finding launching(const MachineAbilities& abilities) {
    const bool clone3 = abilities.launch == LaunchMethod::clone3;
    return {"launch",
            clone3 ? State::yes : State::limited,
            std::string(faultline::name_of(abilities.launch)),
            clone3 ? "targets start in tens of microseconds"
                   : "clone3 is forbidden here; targets start through Boost.Process, more slowly"};
}

Finding cgroups(const MachineAbilities& abilities) {
    if (abilities.cgroup_root)
        return {"cgroup",
                State::yes,
                "v2 at " + abilities.cgroup_root->string(),
                "process.hang stops every thread at once; no descendant escapes"};
    return {"cgroup",
            State::limited,
            abilities.cgroup_note,
            "process.hang uses SIGSTOP (threads may run on for up to 80 ms); descendants are found "
            "by their environment"};
}

Finding realtime() {
    const Injector injector;
    const std::string scheduling = injector.scheduling();
    const bool fifo = scheduling == "SCHED_FIFO";
    return {
        "realtime",
        fifo ? State::yes : State::limited,
        scheduling,
        fifo ? "faults fire on time also on a busy machine"
             : "on a busy machine a fault may fire a scheduling slice (4 ms) late; see ulimit -r"};
}

Finding open_files() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const bool enough = limit.rlim_cur >= 4096;
    return {"open_files",
            enough ? State::yes : State::limited,
            format_count(limit.rlim_cur),
            enough ? "enough for thousands of connections"
                   : "raise it (ulimit -n) for loads with many connections"};
}

Finding program(const std::string& name, const std::string& scenarios) {
    const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        const std::size_t colon = rest.find(':');
        const auto candidate = std::filesystem::path(rest.substr(0, colon)) / name;
        if (::access(candidate.c_str(), X_OK) == 0)
            return {name, State::yes, candidate.string(), scenarios + " can run"};
        rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
    }
    return {name, State::no, "not in PATH", scenarios + " cannot run"};
}

Finding calibration() {
    const InstrumentError error = stored_instrument_error();
    if (error.measured_at.empty())
        return {"calibration",
                State::no,
                "never",
                "run faultline calibrate: reports then carry the instrument's error"};
    return {"calibration", State::yes, error.measured_at, "reports carry the instrument's error"};
}

/// Tried in a child, which may have to become somebody else for it. Comes first: a process with
/// threads cannot try.
Finding networks() {
    const Instant begin = now();
    const auto worked = attempt_with_network_rights(check_network);
    if (!worked)
        return {"network",
                State::no,
                worked.error().message,
                "isolation \"netns\" does not work, \"auto\" uses proxies; link faults on packets "
                "cannot run"};
    const bool privileged = may_use_network_namespaces().has_value();
    return {"network",
            State::yes,
            fmt::format("{}, tried in {}",
                        privileged ? "network namespaces" : "user and network namespaces",
                        format_duration(now() - begin)),
            "isolation \"netns\" works: partitions and losses cut packets in the kernel"};
}

std::vector<Finding> examine() {
    Finding network = networks();
    const MachineAbilities abilities = find_abilities();
    return {launching(abilities),
            cgroups(abilities),
            std::move(network),
            realtime(),
            open_files(),
            calibration(),
            program("redis-server", "scenarios/redis"),
            program("redis-sentinel", "scenarios/redis/sentinel-*"),
            program("haproxy", "scenarios/haproxy")};
}

/// How a fault kind will work here.
Finding fault_here(const Kind& kind, bool cgroup, bool network) {
    if (kind.needs_packets && !network)
        return {kind.name, State::no, "needs a network that the kernel carries", kind.needs};
    const bool sharper_with_cgroup = kind.name == "process.hang" || kind.name == "process.throttle";
    if (sharper_with_cgroup && !cgroup)
        return {kind.name, State::limited, "SIGSTOP and SIGCONT", kind.needs};
    return {kind.name, State::yes, kind.about, kind.needs};
}

}  // namespace

int doctor(const DoctorCommand& command) {
    const std::vector<Finding> findings = examine();
    const auto has = [&](std::string_view name) {
        return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
            return finding.name == name && finding.state == State::yes;
        });
    };
    const bool cgroup = has("cgroup");
    const bool network = has("network");
    if (command.json) {
        nlohmann::ordered_json json;
        for (const Finding& finding : findings)
            json["machine"][finding.name] = {{"state", name_of(finding.state)},
                                             {"found", finding.found},
                                             {"consequence", finding.consequence}};
        for (const Kind& kind : full_catalog().faults)
            json["faults"][kind.name] = name_of(fault_here(kind, cgroup, network).state);
        fmt::print("{}\n", json.dump(2));
        return 0;
    }
    fmt::print("user {}; nothing here needs root\n\n", ::geteuid() == 0 ? "root" : "unprivileged");
    for (const Finding& finding : findings)
        fmt::print("  {:<8} {:<15} {}\n{:26}{}\n",
                   name_of(finding.state),
                   finding.name,
                   finding.found,
                   "",
                   finding.consequence);
    fmt::print("\nfaults\n");
    for (const Kind& kind : full_catalog().faults) {
        const Finding here = fault_here(kind, cgroup, network);
        fmt::print("  {:<8} {:<22} {}\n", name_of(here.state), kind.name, here.found);
    }
    return 0;
}

}  // namespace faultline::cli
