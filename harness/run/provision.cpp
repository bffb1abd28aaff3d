// SPDX-License-Identifier: Apache-2.0
#include "harness/run/provision.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/inject/code/control_file.hpp"
#include "harness/scenario/secret_values.hpp"
#include "harness/scenario/templates.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it undeclared

namespace faultline {
namespace {

/// Fills the names of templates for one instance from all plans of the trial.
class TemplateFiller {
  public:
    TemplateFiller(const TrialContext& context, const Provision& provision)
        : context_(context), provision_(provision) {}

    /// `from`: who reaches the others, an instance or "load".
    [[nodiscard]] Result<std::string> fill(const std::string& text,
                                           const InstancePlan& own,
                                           const std::string& from) const {
        return expand_template(text,
                               [&](const std::string& name) { return look_up(name, own, from); });
    }
    [[nodiscard]] Result<std::string> fill(const std::string& text, const InstancePlan& own) const {
        return fill(text, own, own.name);
    }

  private:
    [[nodiscard]] Result<std::string> look_up(const std::string& name,
                                              const InstancePlan& own,
                                              const std::string& from) const {
        if (name == "bin") {
            const auto& folder = context_.bin_folder;
            return (folder.empty() ? program_folder() : folder).string();
        }
        if (name == "trial") return std::to_string(context_.number);
        if (name.starts_with("env.")) {
            const char* value = std::getenv(name.c_str() + 4);  // NOLINT(concurrency-mt-unsafe)
            if (value == nullptr)
                return fail(fmt::format("the environment has no {}", name.substr(4)));
            return std::string(value);
        }
        if (name.starts_with("to.")) return reached_port(name, from);
        const std::size_t bracket = name.find("].");
        if (bracket == std::string::npos) return of_instance(name, own);
        FL_TRY(const InstancePlan* plan, plan_of(name.substr(0, bracket + 1)));
        return of_instance(name.substr(bracket + 2), *plan);
    }

    [[nodiscard]] Result<const InstancePlan*> plan_of(const std::string& instance) const {
        for (const InstancePlan& plan : provision_.plans) {
            if (plan.name == instance) return &plan;
        }
        return fail(fmt::format("there is no instance {}", instance));
    }

    /// "to.kv[1].port.peer": the link's port where there is a link, else the instance's own.
    /// "to.port.peer": where all others reach `from`: the shared link's port, else its own.
    [[nodiscard]] Result<std::string> reached_port(const std::string& name,
                                                   const std::string& from) const {
        const std::size_t bracket = name.find("].");
        const bool own = bracket == std::string::npos;
        FL_TRY(const InstancePlan* plan, plan_of(own ? from : name.substr(3, bracket - 2)));
        const std::string rest = name.substr(own ? 3 : bracket + 2);
        FL_TRY(const std::string own_port, of_instance(rest, *plan));
        const auto linked = provision_.links.port_to(
            from, plan->name, rest.starts_with("port.") ? rest.substr(5) : "");
        return linked ? std::to_string(*linked) : own_port;
    }

    [[nodiscard]] Result<std::string> of_instance(const std::string& name,
                                                  const InstancePlan& plan) const {
        if (name == "dir") return plan.folder.string();
        if (name == "host") return provision_.hosts.at(plan.name);
        if (name == "index") return std::to_string(plan.index);
        if (name == "name") return plan.name;
        if (name.starts_with("port.")) {
            const auto port = plan.ports.find(name.substr(5));
            if (port != plan.ports.end()) return std::to_string(port->second);
        }
        return fail(fmt::format("${{{}}} means nothing for {}", name, plan.name));
    }

    const TrialContext& context_;
    const Provision& provision_;
};

std::map<std::string, std::string> inherited_environment() {
    std::map<std::string, std::string> environment;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string text(*entry);
        const std::size_t equals = text.find('=');
        if (equals != std::string::npos)
            environment[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return environment;
}

InstancePlan named_plan(const TrialContext& context, const Target& target, int index) {
    InstancePlan plan;
    plan.name = instance_name(target.name, index);
    plan.target = target.name;
    plan.index = index;
    const std::string folder = fmt::format("{}.{}", target.name, index);
    plan.output_folder = context.folder / folder;
    plan.folder = plan.output_folder / "dir";
    if (context.abilities.cgroup_root) {
        plan.cgroup = *context.abilities.cgroup_root / ("faultline-" + context.run) /
                      fmt::format("t{}", context.number) / folder;
    }
    return plan;
}

Result<> fill_plan(InstancePlan& plan,
                   const InstanceSpec& spec,
                   const TemplateFiller& filler,
                   const Provision& provision,
                   const TrialContext& context) {
    for (const std::string& word : spec.command) {
        FL_TRY(std::string filled, filler.fill(word, plan));
        plan.command.push_back(std::move(filled));
    }
    plan.environment = inherited_environment();
    for (const std::string& name : spec.environment_removed)
        plan.environment.erase(name);
    for (const auto& [name, value] : spec.environment) {
        FL_TRY(plan.environment[name], filler.fill(value, plan));
    }
    plan.environment["FAULTLINE_RUN"] = context.run;
    plan.environment["FAULTLINE_TRIAL"] = provision.mark;
    plan.environment["FAULTLINE_INSTANCE"] = plan.name;
    plan.environment["FAULTLINE_EVENTS"] = provision.event_socket.string();
    const auto& memory =
        context.memory_folder.empty() ? context.temporary_folder : context.memory_folder;
    plan.environment[failpoint_control_variable] =
        (memory / fmt::format("{}.{}.failpoints", plan.target, plan.index)).string();
    for (const auto& [name, content] : spec.files) {
        FL_TRY(plan.files[name], filler.fill(content, plan));
    }
    FL_TRY(plan.working_folder, filler.fill(spec.folder, plan));
    plan.stop = spec.stop;
    plan.limits = spec.limits;
    return {};
}

/// Fills what may hold templates; numbers and choices stay as they are.
Result<> fill_value(ParameterValue& value,
                    const TemplateFiller& filler,
                    const InstancePlan& own,
                    const std::string& from) {
    if (auto* text = std::get_if<std::string>(&value)) {
        FL_TRY(*text, filler.fill(*text, own, from));
    } else if (auto* texts = std::get_if<std::vector<std::string>>(&value)) {
        for (std::string& one : *texts) {
            FL_TRY(one, filler.fill(one, own, from));
        }
    } else if (auto* fields = std::get_if<std::map<std::string, std::string>>(&value)) {
        for (auto& [name, field] : *fields) {
            FL_TRY(field, filler.fill(field, own, from));
        }
    }
    return {};
}

/// Where the instance lives, and under which address.
void place(InstancePlan& plan,
           const TrialNetwork* network,
           std::map<std::string, std::string>& hosts) {
    hosts[plan.name] = machine_host;
    if (network == nullptr) return;
    plan.network_fd = network->fabric().namespace_fd(plan.name);
    hosts[plan.name] = network->fabric().address(plan.name);
}

}  // namespace

Result<Parameters> fill_parameters(const TrialContext& context,
                                   const Provision& provision,
                                   const Parameters& parameters,
                                   const InstancePlan& own,
                                   const std::string& from) {
    const TemplateFiller filler(context, provision);
    Parameters filled = parameters;
    for (auto& [name, value] : filled.all()) {
        auto done = fill_value(value, filler, own, from);
        if (!done) return in_context("filling \"" + name + "\"", done.error());
    }
    return filled;
}

std::string listen_address(const Provision& provision,
                           const std::string& instance,
                           const std::string& port) {
    for (const InstancePlan& plan : provision.plans) {
        if (plan.name == instance)
            return fmt::format("{}:{}", provision.hosts.at(instance), plan.ports.at(port));
    }
    check_failed("the instance is there");
}

Result<Provision> provision_trial(const TrialContext& context,
                                  Random& random,
                                  const TrialNetwork* network) {
    Provision provision;
    provision.secrets = context.scenario.secrets;
    provision.links = LinkPlan(context.scenario, [&](const LinkSpec& link) {
        return network == nullptr || needs_proxy(link, context.scenario);
    });
    provision.mark = fmt::format("{}-{}", context.run, context.number);
    provision.event_socket = context.temporary_folder / "events";
    std::size_t port_count = 0;
    for (const Target& target : context.scenario.targets) {
        port_count += target.ports.size() * target.instances.size();
        for (std::size_t i = 0; i < target.instances.size(); ++i) {
            provision.plans.push_back(named_plan(context, target, static_cast<int>(i)));
            provision.specs.push_back(&target.instances[i]);
            place(provision.plans.back(), network, provision.hosts);
        }
    }
    FL_TRY(provision.ports, PortLease::take(port_count + provision.links.ports_needed(), random));
    provision.links.take_ports(provision.ports.ports(), port_count);
    std::size_t next_port = 0;
    for (InstancePlan& plan : provision.plans) {
        for (const std::string& port : find_target(context.scenario, plan.target)->ports) {
            plan.ports[port] = provision.ports.ports()[next_port++];
        }
    }
    const TemplateFiller filler(context, provision);
    for (std::size_t i = 0; i < provision.plans.size(); ++i) {
        InstancePlan& plan = provision.plans[i];
        auto filled = fill_plan(plan, *provision.specs[i], filler, provision, context);
        if (filled) {
            filled = add_secret_values(
                provision.secrets, context.scenario.secret_names, {plan.command, plan.environment});
        }
        if (!filled) return in_context("preparing " + plan.name, filled.error());
    }
    for (InstancePlan& plan : provision.plans)
        plan.secrets = provision.secrets;
    return provision;
}

Result<> make_control_files(const Provision& provision) {
    for (const InstancePlan& plan : provision.plans) {
        FL_TRY_VOID(ControlFile::create(plan.environment.at(failpoint_control_variable)));
    }
    return {};
}

}  // namespace faultline
