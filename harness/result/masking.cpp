// SPDX-License-Identifier: Apache-2.0
#include "harness/result/masking.hpp"

namespace faultline {
namespace {

class Masker {
  public:
    explicit Masker(const Secrets& secrets) : secrets_(secrets) {}
    void operator()(std::string& text) const { text = secrets_.mask(text); }
    void operator()(std::vector<std::string>& texts) const {
        for (std::string& text : texts)
            (*this)(text);
    }
    void operator()(std::map<std::string, std::string>& fields) const {
        for (auto& [name, text] : fields)
            (*this)(text);
    }
    void operator()(Injection& injection) const {
        (*this)(injection.evidence);
        (*this)(injection.mechanism);
    }

  private:
    const Secrets& secrets_;
};

}  // namespace

void mask_trial(TrialRecord& trial, const Secrets& secrets) {
    if (secrets.empty()) return;
    const Masker mask(secrets);
    mask(trial.reason);
    mask(trial.marks);
    mask(trial.lost_keys);
    mask(trial.stale_keys);
    mask(trial.write_check_note);
    mask(trial.leaks);
    for (InjectionRecord& record : trial.injections) {
        mask(record.injection);
        mask(record.measures.detected_by);
        mask(record.measures.diagnosis);
    }
    for (InstanceRecord& instance : trial.instances) {
        mask(instance.launch_method);
        mask(instance.cgroup);
    }
}

void mask_timeline(Timeline& timeline, const Secrets& secrets) {
    if (secrets.empty()) return;
    const Masker mask(secrets);
    mask(timeline.operation_kinds);
    for (Event& event : timeline.events) {
        mask(event.name);
        mask(event.instance);
        mask(event.fields);
    }
    for (Injection& injection : timeline.injections)
        mask(injection);
}

void mask_manifest(RunRecord& run, const Secrets& secrets) {
    if (secrets.empty()) return;
    const Masker mask(secrets);
    mask(run.command);
    mask(run.about);
    mask(run.scenario_file);
    mask(run.parameters);
    mask(run.machine);
}

}  // namespace faultline
