// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/launch/instance.hpp"
#include "harness/launch/ports.hpp"
#include "harness/run/link_plan.hpp"
#include "harness/run/trial.hpp"
#include "harness/run/trial_network.hpp"

namespace faultline {

/// What a trial's targets are started with: ports taken, templates filled, folders named.
struct Provision {
    PortLease ports;
    std::vector<InstancePlan> plans;           // in scenario order, target by target
    std::vector<const InstanceSpec*> specs;    // beside each plan
    std::map<std::string, std::string> hosts;  // by instance: the address it listens on
    LinkPlan links;
    std::filesystem::path event_socket;
    Secrets secrets;   // of the scenario, and what they are in this trial
    std::string mark;  // FAULTLINE_TRIAL of everything it starts
};

/// The address of everything that is in the machine's own network.
inline constexpr const char* machine_host = "127.0.0.1";

/// Names the file through which an instance's fail points get their orders.
inline const std::string failpoint_control_variable = "FAULTLINE_FAILPOINT_CONTROL";

/// `parameters` with the templates in their texts filled, as seen from `own`; those that say where
/// somebody is reached (`${to...}`), as seen from `from`, an instance or "load".
[[nodiscard]] Result<Parameters> fill_parameters(const TrialContext& context,
                                                 const Provision& provision,
                                                 const Parameters& parameters,
                                                 const InstancePlan& own,
                                                 const std::string& from);

/// "127.0.0.1:7001": where an instance itself listens. Requires: both are there.
[[nodiscard]] std::string listen_address(const Provision& provision,
                                         const std::string& instance,
                                         const std::string& port);

/// `network`: where the instances are, and who carries their links; null: the machine's own.
/// Errors: no free ports, a template that cannot be filled (with the target's name).
[[nodiscard]] Result<Provision> provision_trial(const TrialContext& context,
                                                Random& random,
                                                const TrialNetwork* network = nullptr);

/// Makes the control files that the plans name. Requires: the folder of the trial is there.
[[nodiscard]] Result<> make_control_files(const Provision& provision);

}  // namespace faultline
