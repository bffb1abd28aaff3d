// SPDX-License-Identifier: Apache-2.0
#include "harness/run/fleet.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/check.hpp"
#include "harness/base/units.hpp"

namespace faultline {
namespace {

constexpr Duration launch_poll = std::chrono::milliseconds(100);
constexpr Duration role_patience = std::chrono::seconds(5);
constexpr std::size_t quoted_lines = 10;

/// Whether the last words of a dead process speak of a port that somebody else has.
bool speaks_of_taken_port(const std::vector<std::string>& lines) {
    return std::any_of(lines.begin(), lines.end(), [](std::string line) {
        std::transform(line.begin(), line.end(), line.begin(), [](unsigned char c) {
            return static_cast<char>(std::tolower(c));
        });
        return line.find("address already in use") != std::string::npos ||
               line.find("eaddrinuse") != std::string::npos ||
               line.find("cannot bind") != std::string::npos;
    });
}

std::string environment_name(std::string port) {
    std::transform(port.begin(), port.end(), port.begin(), [](unsigned char c) {
        return std::isalnum(c) != 0 ? static_cast<char>(std::toupper(c)) : '_';
    });
    return "FAULTLINE_PORT_" + port;
}

}  // namespace

Fleet::Fleet(Loop& loop, const TrialContext& context, Provision provision, Observer watcher)
    : loop_(loop),
      context_(context),
      observer_(std::move(watcher)),
      provision_(std::move(provision)) {
    members_.resize(provision_.plans.size());
    for (std::size_t i = 0; i < members_.size(); ++i) {
        Member& member = members_[i];
        const int index = static_cast<int>(i);
        member.spec = provision_.specs[i];
        member.target = find_target(context.scenario, provision_.plans[i].target);
        InstanceObserver observer;
        observer.on_line = [this, index](
                               const std::string&, bool, std::string_view line, Instant at) {
            observer_.on_line(index, line, at);
        };
        observer.on_exit = [this, index](const std::string&, const ExitStatus& status) {
            on_exit(index, status);
        };
        member.instance = std::make_unique<Instance>(loop,
                                                     context.guardian,
                                                     context.abilities.launch,
                                                     provision_.plans[i],
                                                     std::move(observer));
    }
}

Fleet::~Fleet() = default;

// ---- launching

bool Fleet::may_start(const Member& member) const {
    return std::all_of(members_.begin(), members_.end(), [&](const Member& other) {
        const auto& after = member.target->after;
        const bool awaited =
            std::find(after.begin(), after.end(), other.target->name) != after.end();
        return !awaited || other.ready;
    });
}

Result<> Fleet::start_what_may() {
    for (Member& member : members_) {
        if (member.started || !may_start(member)) continue;
        member.started = true;
        FL_TRY_VOID(start(member));
    }
    return {};
}

Result<> Fleet::start(Member& member) {
    FL_TRY_VOID(member.instance->start());
    observer_.on_process(member.instance->name(), member.instance->process().pid());
    if (context_.siblings != nullptr) {
        context_.siblings->add(context_.number, member.instance->process().pid());
    }
    begin_ready(member);
    return {};
}

Result<> Fleet::launch() {
    for (;;) {
        FL_TRY_VOID(start_what_may());
        if (loop_.interrupted()) return fail("interrupted while targets were starting");
        const bool all_ready =
            std::all_of(members_.begin(), members_.end(), [](const Member& member) {
                return member.ready.has_value();
            });
        if (all_ready) return {};
        for (const Member& member : members_) {
            if (!member.started || member.ready) continue;
            if (!member.instance->running()) return not_ready(member, "ended before it was ready");
            if (now() >= member.ready_deadline) {
                return not_ready(member,
                                 fmt::format("was not ready within {}",
                                             format_duration(member.spec->ready->within)));
            }
        }
        const auto ready_count = [this] {
            return std::count_if(members_.begin(), members_.end(), [](const Member& m) {
                return m.ready.has_value();
            });
        };
        const auto before = ready_count();
        loop_.wait_until(now() + launch_poll, [&] {
            return ready_count() != before ||
                   std::any_of(members_.begin(), members_.end(), [](const Member& member) {
                       return member.started && !member.instance->running();
                   });
        });
    }
}

tl::unexpected<Error> Fleet::not_ready(const Member& member, const std::string& why) const {
    std::string message = fmt::format("{} {}", member.instance->name(), why);
    if (const auto& status = member.instance->last_exit())
        message += " (" + describe(*status) + ")";
    if (!member.ready_problem.empty()) message += "; its ready probe said: " + member.ready_problem;
    if (context_.abilities.network && member.instance->running()) {
        message += fmt::format("; in a network of its own it has to listen on ${{host}}, {}",
                               provision_.hosts.at(member.instance->name()));
    }
    const auto lines = member.instance->last_lines(quoted_lines);
    if (lines.empty()) {
        message += "; it printed nothing";
    } else {
        message += fmt::format("; its last lines:\n    {}", fmt::join(lines, "\n    "));
    }
    return fail(message, speaks_of_taken_port(lines) ? ErrorCode::exists : ErrorCode::failed);
}

void Fleet::begin_ready(Member& member) {
    member.ready.reset();
    member.ready_problem.clear();
    if (!member.spec->ready) {
        member.ready = now();
        note_health();
        return;
    }
    const int index = static_cast<int>(&member - members_.data());
    member.ready_deadline = now() + member.spec->ready->within;
    ProbeSpec spec = member.spec->ready->probe;
    // Starting is waited for, so it is asked for more often than a running service would be.
    spec.period = std::min<Duration>(spec.period, std::chrono::milliseconds(5));
    auto probe = probe_of(index, spec);
    if (!probe) {
        member.ready_problem = probe.error().message;
        return;
    }
    member.ready_probe.emplace(
        loop_, spec.period, std::move(*probe), [this, index](const ProbeAnswer& answer) {
            on_ready_answer(index, answer);
        });
}

void Fleet::on_ready_answer(int index, const ProbeAnswer& answer) {
    Member& member = members_[static_cast<std::size_t>(index)];
    if (member.ready || answer.asked < member.doubted) return;
    if (!satisfies(member.spec->ready->probe, answer)) {
        member.ready_problem = answer.ok ? fmt::format("\"{}\"", answer.value) : answer.error;
        return;
    }
    if (!member.instance->running()) return;
    member.ready = answer.answered;
    Event event{.at = answer.answered, .seen = answer.answered, .name = "ready"};
    event.instance = member.instance->name();
    // The probe that has just answered cannot be destroyed from its own callback.
    loop_.post([this, index] {
        Member& done = members_[static_cast<std::size_t>(index)];
        if (done.ready) done.ready_probe.reset();
    });
    note_health();
    observer_.on_event(std::move(event));
}

void Fleet::on_exit(int index, const ExitStatus& status) {
    Member& member = members_[static_cast<std::size_t>(index)];
    member.ready.reset();
    note_health();
    Event event{
        .at = status.seen, .seen = status.seen, .source = EventSource::exit, .name = "exit"};
    event.instance = member.instance->name();
    event.fields["how"] = describe(status);
    observer_.on_event(std::move(event));
}

void Fleet::note_health() {
    if (!all_healthy()) {
        healthy_since_.reset();
    } else if (!healthy_since_) {
        healthy_since_ = now();
    }
}

bool Fleet::all_healthy() const {
    return std::all_of(members_.begin(), members_.end(), [](const Member& member) {
        return member.ready && member.instance->running();
    });
}

std::optional<Instant> Fleet::ready_since(int index) const {
    return members_[static_cast<std::size_t>(index)].ready;
}

void Fleet::doubt(int index, Instant since) {
    Member& member = members_[static_cast<std::size_t>(index)];
    member.doubted = since;
    if (member.instance->running()) {
        begin_ready(member);
    } else {
        member.ready.reset();
    }
    note_health();
}

Result<> Fleet::restart(int index) {
    Member& member = members_[static_cast<std::size_t>(index)];
    FL_TRY_VOID(start(member));
    Event event{.at = now(), .seen = now(), .name = "start"};
    event.instance = member.instance->name();
    observer_.on_event(std::move(event));
    return {};
}

// ---- roles and selectors

void Fleet::watch_roles() {
    for (const RoleSpec& role : context_.scenario.roles) {
        for (std::size_t i = 0; i < members_.size(); ++i) {
            Member& member = members_[i];
            if (member.target->name != role.target) continue;
            const int index = static_cast<int>(i);
            auto probe = probe_of(index, role.probe);
            if (!probe) continue;  // its parameters were checked when the scenario was read
            member.role_watches.push_back(
                {&role,
                 ProbeSchedule(loop_,
                               role.probe.period,
                               std::move(*probe),
                               [this, index, &role](const ProbeAnswer& answer) {
                                   on_role_answer(index, role, answer);
                               })});
        }
    }
    loop_.wait_until(now() + role_patience, [this] {
        return std::all_of(members_.begin(), members_.end(), [](const Member& member) {
            return std::all_of(member.role_watches.begin(),
                               member.role_watches.end(),
                               [](const Member::RoleWatch& watch) { return watch.answered; });
        });
    });
}

void Fleet::on_role_answer(int index, const RoleSpec& role, const ProbeAnswer& answer) {
    Member& member = members_[static_cast<std::size_t>(index)];
    for (Member::RoleWatch& watch : member.role_watches) {
        if (watch.role == &role) watch.answered = true;
    }
    const bool has = satisfies(role.probe, answer);
    if (has == member.roles.contains(role.role)) return;
    if (has) {
        member.roles.insert(role.role);
    } else {
        member.roles.erase(role.role);
    }
    Event event{.at = answer.answered,
                .seen = answer.answered,
                .source = EventSource::probe,
                .name = "role"};
    event.instance = member.instance->name();
    event.fields[has ? "role" : "lost_role"] = role.role;
    observer_.on_event(std::move(event));
}

void Fleet::ask_roles(const std::string& target) {
    for (Member& member : members_) {
        if (member.target->name != target) continue;
        for (Member::RoleWatch& watch : member.role_watches) {
            watch.answered = false;
            watch.schedule.ask_now();
        }
    }
}

bool Fleet::refresh_roles(const std::string& target, Instant deadline) {
    ask_roles(target);
    return loop_.wait_until(deadline, [&] {
        return std::all_of(members_.begin(), members_.end(), [&](const Member& member) {
            return member.target->name != target ||
                   std::all_of(member.role_watches.begin(),
                               member.role_watches.end(),
                               [](const Member::RoleWatch& watch) { return watch.answered; });
        });
    });
}

bool Fleet::means(const Selector& selector, int index) const {
    const Member& member = members_[static_cast<std::size_t>(index)];
    if (member.target->name != selector.target) return false;
    if (selector.index && *selector.index != member.instance->plan().index) return false;
    return !selector.role || member.roles.contains(*selector.role);
}

std::vector<int> Fleet::holders(const Selector& selector) const {
    std::vector<int> found;
    for (int i = 0; i < size(); ++i) {
        if (means(selector, i)) found.push_back(i);
    }
    return found;
}

// ---- who is who

int Fleet::index_of(const std::string& name) const {
    for (int i = 0; i < size(); ++i) {
        if (instance(i).name() == name) return i;
    }
    return -1;
}

std::string Fleet::instance_of_pid(int pid) const {
    for (const Member& member : members_) {
        if (member.started && member.instance->starts() > 0 &&
            member.instance->process().pid() == pid) {
            return member.instance->name();
        }
    }
    return "";
}

ProbeTarget Fleet::probe_target(int index, const std::string& port) const {
    const InstancePlan& plan = provision_.plans[static_cast<std::size_t>(index)];
    ProbeTarget target;
    target.instance = plan.name;
    target.host = provision_.hosts.at(plan.name);
    target.folder = plan.folder.string();
    target.environment["FAULTLINE_INSTANCE"] = plan.name;
    target.environment["FAULTLINE_TRIAL"] = provision_.mark;
    target.environment["FAULTLINE_RUN"] = context_.run;
    for (const auto& [name, number] : plan.ports) {
        target.environment[environment_name(name)] = std::to_string(number);
    }
    const auto& declared = members_[static_cast<std::size_t>(index)].target->ports;
    if (!declared.empty()) target.port = plan.ports.at(port.empty() ? declared.front() : port);
    return target;
}

Result<std::unique_ptr<Probe>> Fleet::probe_of(int index, ProbeSpec spec) {
    const InstancePlan& plan = provision_.plans[static_cast<std::size_t>(index)];
    FL_TRY(spec.parameters,
           fill_parameters(context_, provision_, spec.parameters, plan, plan.name));
    return make_probe(loop_, spec, probe_target(index, spec.port));
}

std::vector<Endpoint> Fleet::endpoints(const std::string& target, const std::string& port) const {
    const auto& declared = find_target(context_.scenario, target)->ports;
    const std::string wanted = port.empty() && !declared.empty() ? declared.front() : port;
    std::vector<Endpoint> found;
    for (int i = 0; i < size(); ++i) {
        if (members_[static_cast<std::size_t>(i)].target->name != target) continue;
        const ProbeTarget own = probe_target(i, wanted);
        Endpoint endpoint{.instance = own.instance, .host = own.host, .port = own.port};
        const LinkPlan& links = provision_.links;
        if (const auto linked = links.port_to(std::string(load_end), own.instance, wanted)) {
            endpoint.port = *linked;
        }
        // What others call it, who reach it through links of their own or directly.
        if (!wanted.empty()) endpoint.also.push_back({own.host, own.port});
        for (const PlannedLink& link : links.links()) {
            if (link.proxied && link.to == own.instance && link.port == wanted)
                endpoint.also.push_back({own.host, link.listen});
        }
        found.push_back(std::move(endpoint));
    }
    return found;
}

// ---- the end

void Fleet::stop_probes() {
    for (Member& member : members_) {
        member.ready_probe.reset();
        member.role_watches.clear();
    }
}

Result<> Fleet::stop(Instant deadline) {
    stop_probes();
    for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
        member->instance->begin_stop();
    }
    std::string problems;
    for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
        if (auto stopped = member->instance->finish_stop(deadline); !stopped) {
            problems += (problems.empty() ? "" : "; ") + stopped.error().message;
        }
    }
    if (!problems.empty()) return fail("stopping targets: " + problems);
    return {};
}

}  // namespace faultline
