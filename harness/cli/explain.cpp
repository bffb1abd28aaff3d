// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/units.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/explain_trial.hpp"
#include "harness/judge/outcome.hpp"
#include "harness/run/link_plan.hpp"
#include "harness/run/machine.hpp"

namespace faultline::cli {
namespace {

void explain_targets(const Scenario& scenario) {
    fmt::print("targets, in the order they start\n");
    for (const Target& target : scenario.targets) {
        const InstanceSpec& first = target.instances.front();
        fmt::print("  {} x{}  {}\n",
                   target.name,
                   target.instances.size(),
                   scenario.secrets.mask(fmt::format("{}", fmt::join(first.command, " "))));
        if (!target.after.empty())
            fmt::print("    after {} is ready\n", fmt::join(target.after, ", "));
        if (first.ready) {
            fmt::print(
                "    ready when {} answers{}, within {}\n",
                first.ready->probe.kind,
                first.ready->probe.equals ? fmt::format(" \"{}\"", *first.ready->probe.equals) : "",
                format_duration(first.ready->within));
        }
    }
    for (const RoleSpec& role : scenario.roles) {
        fmt::print("  {}@{}: the one whose {} answers \"{}\", asked every {}\n",
                   role.target,
                   role.role,
                   role.probe.kind,
                   role.probe.equals.value_or(""),
                   format_duration(role.probe.period));
    }
}

std::string_view carrier_of_links(Isolation isolation) {
    switch (isolation) {
        case Isolation::process:
            return "through proxies";
        case Isolation::netns:
            return "between network namespaces";
        case Isolation::automatic:
            return "between network namespaces where the machine permits it, else through proxies";
    }
    return "";
}

/// One line per entry of "links", with what the first of them will be called in the record.
void explain_links(const Scenario& scenario) {
    if (scenario.links.empty()) return;
    const LinkPlan plan(scenario);
    fmt::print("\nlinks, {}\n", carrier_of_links(scenario.isolation));
    for (const LinkSpec& spec : scenario.links) {
        const auto belongs = [&](const PlannedLink& link) {
            const auto is_end = [](const std::string& end, const std::string& target) {
                return end == target || end.starts_with(target + "[");
            };
            return link.port == spec.port && is_end(link.from, spec.from) &&
                   is_end(link.to, spec.to);
        };
        const auto& links = plan.links();
        fmt::print("  {}->{}.{}  {}, such as {}{}\n",
                   spec.from,
                   spec.to,
                   spec.port,
                   std::count_if(links.begin(), links.end(), belongs),
                   std::find_if(links.begin(), links.end(), belongs)->name,
                   spec.shared ? "; one address for all who connect" : "");
    }
}

void explain_machine(const Scenario& scenario) {
    const MachineAbilities abilities = find_abilities();
    fmt::print("\nthis machine  (more: faultline doctor)\n");
    fmt::print("  launch through {}, {}\n",
               name_of(abilities.launch),
               abilities.cgroup_root ? "one cgroup v2 per instance"
                                     : "no cgroups: " + abilities.cgroup_note);
    const bool hangs =
        std::any_of(scenario.faults.begin(), scenario.faults.end(), [](const FaultSpec& fault) {
            return fault.kind == "process.hang";
        });
    if (hangs && !abilities.cgroup_root)
        fmt::print("  process.hang falls back to SIGSTOP: threads may run on for up to 80 ms\n");
}

}  // namespace

int explain(const ExplainCommand& command) {
    const auto settings = parse_settings(command.set);
    if (!settings) return complain(settings.error().message, exit_code_of(RunOutcome::usage));
    const Loaded loaded = load_all({command.file}, *settings);
    if (!loaded.diagnostics.empty()) return complain(loaded.diagnostics);
    const Scenario& scenario = loaded.cases.front();
    fmt::print("{}\n{}\n\n", scenario.name, scenario.about);
    if (loaded.cases.size() > 1) {
        fmt::print("{} cases:", loaded.cases.size());
        for (const Scenario& one : loaded.cases) {
            for (const auto& [name, value] : one.parameters)
                fmt::print("  {}={}", name, value);
            fmt::print(";");
        }
        fmt::print(" the first of them:\n\n");
    }
    explain_targets(scenario);
    explain_links(scenario);
    explain_timeline(scenario);
    explain_measures(scenario);
    explain_machine(scenario);
    return 0;
}

}  // namespace faultline::cli
