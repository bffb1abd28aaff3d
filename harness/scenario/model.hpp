// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/secrets.hpp"
#include "harness/base/time.hpp"
#include "harness/scenario/expectation.hpp"
#include "harness/scenario/parameter.hpp"
#include "harness/scenario/selector.hpp"

namespace faultline {

// A scenario as decoded and validated. Texts may still hold templates that only a running trial can
// fill (`${port.client}`, `${dir}`); `${param.x}` is gone.

/// A question asked of an instance, again and again.
struct ProbeSpec {
    std::string kind;    // "redis.role"
    std::string port{};  // a name from the target's ports; empty: its first
    Duration period = std::chrono::milliseconds(50);
    Duration timeout = std::chrono::milliseconds(250);
    std::optional<std::string>
        equals{};  // the answer that counts; absent: any answer without error
    Parameters parameters{};
};

struct ReadySpec {
    ProbeSpec probe;
    Duration within = std::chrono::seconds(10);
};

struct StopSpec {
    int signal = 15;
    Duration grace = std::chrono::seconds(2);  // then SIGKILL
};

struct LimitSpec {
    std::optional<std::uint64_t> open_files{};
    std::optional<std::uint64_t> memory_bytes{};
};

/// One instance of a target, after `"instances": {"1": {...}}` was merged over the target (RFC
/// 7396).
struct InstanceSpec {
    std::vector<std::string> command;  // command followed by args
    std::map<std::string, std::string> environment{};
    std::vector<std::string>
        environment_removed{};  // "env": {"NAME": null}: not inherited from the harness
    std::string folder = "${dir}";
    std::map<std::string, std::string> files{};  // name below ${dir} → content
    std::optional<ReadySpec> ready{};
    StopSpec stop{};
    LimitSpec limits{};
};

struct Target {
    std::string name;
    std::vector<std::string> ports{};
    std::vector<std::string> after{};     // targets that must be ready before
    std::vector<InstanceSpec> instances;  // size = "count", at least 1
};

struct RoleSpec {
    std::string target;
    std::string role;
    ProbeSpec probe;  // `equals` is always there
};

enum class Arrivals { constant, poisson };

struct LoadSpec {
    std::string driver;
    Selector to;
    std::string port{};  // empty: the target's first
    double rate = 100;   // per second
    Arrivals arrivals = Arrivals::constant;
    int connections = 10;
    int in_flight_max = 10000;  // all connections together; beyond it operations wait in line
    Duration timeout = std::chrono::milliseconds(100);
    Duration reconnect_first = std::chrono::microseconds(500);
    Duration reconnect_max = std::chrono::milliseconds(20);
    Duration lag_max = std::chrono::milliseconds(10);  // p99 lag above it marks the trial
    Parameters parameters{};                           // the driver's own
};

/// When operations count as healthy. "share of good operations over a window".
struct ConditionSpec {
    double success_rate = 0.99;
    std::optional<Duration> latency{};                 // absent: any success is good
    Duration window = std::chrono::milliseconds(500);  // "for"
    Duration within = std::chrono::seconds(30);
};

/// When to inject: a time from steady state, or a delay after an event.
struct TriggerSpec {
    std::optional<Duration> at{};
    std::optional<std::string> after_event{};           // event name
    std::map<std::string, std::string> after_fields{};  // all must be equal
    std::optional<Selector> after_from{};               // only from these instances
    Duration after_delay{};
    Duration after_within = std::chrono::seconds(30);  // the event must come by then
    Duration jitter{};                                 // uniform in [0, jitter), seeded
};

/// A proxy between those who connect and one port of those who listen: `"links": [{"from": "kv",
/// "to": "kv", "port": "peer"}]` stands for one link from each instance to each other one.
struct LinkSpec {
    std::string from;  // a target, or "load"
    std::string to;    // a target
    std::string port;  // one of its ports
    /// One address for everyone who connects to an instance (for systems that tell each other where
    /// to find a third: etcd, Redis); links are then told apart by the process that connects.
    bool shared = false;
};

/// What instances run in.
enum class Isolation {
    process,    // the machine's own network; links are proxies
    netns,      // a network namespace each, joined by a bridge
    automatic,  // netns where the machine permits it
};

struct FaultSpec {
    std::string id;  // as named, else "fault-1", "fault-2", ...
    bool named = false;
    std::string kind;  // "process.crash"
    Selector on;       // unused when `link` is there
    std::optional<LinkSelector> link{};
    TriggerSpec trigger;
    std::optional<Duration> lasts{};  // "for"; absent: until the quiet period
    /// The cause that a right diagnosis names; absent: the kind, or its part after the dot.
    std::optional<std::string> diagnosis{};
    Parameters parameters{};
};

enum class SignalSource { event, log, probe, exit };

/// What counts as a detection.
struct SignalSpec {
    SignalSource source = SignalSource::log;
    std::string name{};                           // event: its name
    std::map<std::string, std::string> fields{};  // event: all must be equal
    std::string pattern{};                        // log: RE2
    std::optional<Selector> in{};  // whose log, event, probe or exit; absent: everyone's
    ProbeSpec probe{};  // probe: `equals` set: becomes that; absent: any change of the answer
    std::string text;   // for people: "log \\+sdown in sentinel"
};

struct RedundancySpec {
    Duration within = std::chrono::seconds(10);
};

struct TrialsSpec {
    int count = 10;
    int control = 0;
    std::optional<std::uint64_t> seed{};
};

struct Scenario {
    std::filesystem::path file;
    std::string name;
    std::string about{};
    std::map<std::string, std::string>
        parameters{};             // this case's values, as texts; empty without a matrix
    std::vector<Target> targets;  // in launch order ("after" first)
    std::vector<RoleSpec> roles{};
    std::optional<LoadSpec> load{};
    std::vector<LinkSpec> links{};
    Isolation isolation = Isolation::process;
    ConditionSpec steady_state{};
    std::vector<FaultSpec> faults{};
    std::vector<SignalSpec> detection{};
    Duration detection_within = std::chrono::seconds(30);
    ConditionSpec recovery{};
    Duration success_window =
        std::chrono::seconds(5);  // success rate is taken over [t0, t0 + window]
    std::optional<RedundancySpec>
        redundancy{};  // present: wait for every instance to be ready again
    std::vector<Expectation> expectations{};
    TrialsSpec trials{};
    std::vector<std::string> secret_names{};  // environment variables; arguments: "--password"
    Secrets secrets{};                        // their values, as far as no trial fills them
    /// JSON pointers of the values that are masked in this scenario, which is from a run.
    std::vector<std::string> secrets_missing{};
    /// After extends, parameters and --set, secrets masked; goes into run.json.
    std::string resolved_json;
};

[[nodiscard]] const Target* find_target(const Scenario& scenario, const std::string& name);
/// "kv[0]"; a target with one instance is "kv[0]" too.
[[nodiscard]] std::string instance_name(const std::string& target, int index);

}  // namespace faultline
