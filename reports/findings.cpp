// SPDX-License-Identifier: Apache-2.0
#include "reports/findings.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/plain.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

/// Where to look when a trial's targets did not get healthy: the output of one that failed.
std::string output_of_unhealthy(const RunRecord& run) {
    for (const TrialRecord& trial : run.trials) {
        if (trial.outcome != TrialOutcome::unhealthy) continue;
        const InstanceRecord* suspect = nullptr;
        for (const InstanceRecord& instance : trial.instances) {
            const bool failed = instance.exit_code.value_or(0) != 0;
            if (!instance.output_folder.empty() && (suspect == nullptr || failed))
                suspect = &instance;
            if (failed) break;
        }
        if (suspect != nullptr) return suspect->output_folder;
    }
    return "";
}

}  // namespace

bool is_invalid(const TrialRecord& trial) {
    return trial.outcome != TrialOutcome::pass || measured_of(trial).disturbed;
}

Duration wall_time(const RunRecord& run) {
    if (run.trials.empty()) return {};
    using std::chrono::milliseconds;
    Duration first = Duration::max(), last = Duration::min();
    for (const TrialRecord& trial : run.trials) {
        const Duration start = milliseconds(trial.started_unix_ms);
        first = std::min(first, start);
        last = std::max(last, start + trial.took);
    }
    return last - first;
}

std::vector<InjectionEvidence> evidence_of(const RunRecord& run) {
    std::vector<InjectionEvidence> all;
    for (const TrialRecord& trial : run.trials) {
        for (const InjectionRecord& record : trial.injections) {
            const Injection& injection = record.injection;
            auto found = std::find_if(all.begin(), all.end(), [&](const InjectionEvidence& each) {
                return each.id == injection.id;
            });
            if (found == all.end()) {
                all.push_back({.id = injection.id,
                               .fault = injection.fault,
                               .mechanism = injection.mechanism});
                found = all.end() - 1;
            }
            ++found->count;
            for (const std::string& instance : injection.on) {
                if (std::find(found->on.begin(), found->on.end(), instance) == found->on.end()) {
                    found->on.push_back(instance);
                }
            }
            const bool first_confirmed =
                injection.effect == Effect::confirmed && found->confirmed++ == 0;
            if (first_confirmed || found->example.empty())
                found->example = plain(injection.evidence);
        }
    }
    return all;
}

const TrialRecord* median_trial(const RunRecord& run) {
    std::vector<const TrialRecord*> recovered;
    for (const TrialRecord& trial : run.trials) {
        if (trial.control || is_invalid(trial) || trial.injections.empty()) continue;
        if (trial.injections.front().measures.recovery_time) recovered.push_back(&trial);
    }
    if (recovered.empty()) return nullptr;
    const auto middle = recovered.begin() + static_cast<std::ptrdiff_t>((recovered.size() - 1) / 2);
    std::nth_element(
        recovered.begin(), middle, recovered.end(), [](const TrialRecord* a, const TrialRecord* b) {
            return a->injections.front().measures.recovery_time <
                   b->injections.front().measures.recovery_time;
        });
    return *middle;
}

std::vector<NamedStage> told_stages(const Stages& stages) {
    std::vector<NamedStage> told;
    const auto add = [&](std::string_view name, const std::optional<Duration>& at) {
        if (at) told.push_back({name, *at});
    };
    add("effective", stages.effective);
    add("first bad operation", stages.first_bad);
    add("detected", stages.detected);
    add("located", stages.located);
    add("decided", stages.decided);
    add("repaired", stages.repaired);
    add("serving", stages.serving);
    add("redundant", stages.redundant);
    add("verified", stages.verified);
    std::stable_sort(told.begin(), told.end(), [](const NamedStage& a, const NamedStage& b) {
        return a.at < b.at;
    });
    return told;
}

std::string describe(const Injection& injection) {
    return fmt::format("{} on {}", injection.fault, say_hit(injection.on));
}

std::string next_command(const RunRecord& run, const std::filesystem::path& directory) {
    const std::string scenario = run.scenario_file.empty() ? "SCENARIO" : run.scenario_file;
    const std::string folder = directory.empty() ? "DIR" : directory.string();
    const auto say = [](std::vector<std::string> words) { return plain(say_command(words)); };
    const std::string resume = say({"faultline", "run", "--resume", folder});
    if (!run.summary) return resume;
    switch (run.summary->outcome) {
        case RunOutcome::pass:
        case RunOutcome::fail:
            break;
        case RunOutcome::usage:
            return say({"faultline", "validate", scenario});
        case RunOutcome::inconclusive: {
            std::size_t needed = 0;
            for (const ExpectationResult& expectation : run.summary->expectations) {
                needed = std::max(needed, expectation.trials_needed.value_or(0));
            }
            if (needed == 0) break;
            return say({"faultline", "run", scenario, "--trials", std::to_string(needed)});
        }
        case RunOutcome::unhealthy: {
            const std::string output = output_of_unhealthy(run);
            if (output.empty()) break;
            return say(
                {"tail", folder + "/" + output + "/stderr", folder + "/" + output + "/stdout"});
        }
        case RunOutcome::ineffective:
            return say({"faultline", "explain", scenario});
        case RunOutcome::harness_error:
            return say({"faultline", "doctor"});
        case RunOutcome::interrupted:
            return resume;
    }
    return say({"faultline", "report", folder, "--format", "markdown"});
}

}  // namespace faultline::reports
