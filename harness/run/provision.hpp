// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/launch/instance.hpp"
#include "harness/launch/ports.hpp"
#include "harness/run/trial.hpp"

namespace faultline {

/// What a trial's targets are started with: ports taken, templates filled, folders named.
struct Provision {
    PortLease ports;
    std::vector<InstancePlan> plans;         // in scenario order, target by target
    std::vector<const InstanceSpec*> specs;  // beside each plan
    std::filesystem::path event_socket;
    std::string mark;  // FAULTLINE_TRIAL of everything it starts
};

/// Names the file through which an instance's fail points get their orders.
inline const std::string failpoint_control_variable = "FAULTLINE_FAILPOINT_CONTROL";

/// `parameters` with the templates in their texts filled, as seen from `own`.
[[nodiscard]] Result<Parameters> fill_parameters(const TrialContext& context,
                                                 const Provision& provision,
                                                 const Parameters& parameters,
                                                 const InstancePlan& own);

/// Errors: no free ports, a template that cannot be filled (with the target's name).
[[nodiscard]] Result<Provision> provision_trial(const TrialContext& context, Random& random);

/// Makes the control files that the plans name. Requires: the folder of the trial is there.
[[nodiscard]] Result<> make_control_files(const Provision& provision);

}  // namespace faultline
