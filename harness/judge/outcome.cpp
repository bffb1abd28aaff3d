// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/outcome.hpp"

namespace faultline {

std::string_view name_of(TrialOutcome outcome) {
    switch (outcome) {
        case TrialOutcome::pass:
            return "pass";
        case TrialOutcome::unhealthy:
            return "unhealthy";
        case TrialOutcome::ineffective:
            return "ineffective";
        case TrialOutcome::harness_error:
            return "harness error";
        case TrialOutcome::interrupted:
            return "interrupted";
    }
    return "";
}

std::string_view name_of(RunOutcome outcome) {
    switch (outcome) {
        case RunOutcome::pass:
            return "pass";
        case RunOutcome::fail:
            return "fail";
        case RunOutcome::usage:
            return "usage";
        case RunOutcome::inconclusive:
            return "inconclusive";
        case RunOutcome::unhealthy:
            return "unhealthy";
        case RunOutcome::ineffective:
            return "ineffective";
        case RunOutcome::harness_error:
            return "harness error";
        case RunOutcome::interrupted:
            return "interrupted";
    }
    return "";
}

}  // namespace faultline
