// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/live_figures.hpp"

#include "harness/run/version.hpp"
#include "reports/openmetrics_text.hpp"

namespace faultline::cli {
namespace {

constexpr std::array phases{TrialPhase::provision,
                            TrialPhase::launch,
                            TrialPhase::steady_state,
                            TrialPhase::inject,
                            TrialPhase::observe,
                            TrialPhase::quiet,
                            TrialPhase::teardown};

void add_histogram(reports::OpenMetricsText& text,
                   const std::string& injection,
                   const SpanHistogram& histogram) {
    for (std::size_t i = 0; i < span_buckets.size(); ++i) {
        text.sample("_bucket",
                    {{"injection", injection}, {"le", std::string(span_buckets[i].text)}},
                    static_cast<double>(histogram.at_most[i]));
    }
    const auto count = static_cast<double>(histogram.count);
    text.sample("_bucket", {{"injection", injection}, {"le", "+Inf"}}, count);
    text.sample("_count", {{"injection", injection}}, count);
    text.sample("_sum", {{"injection", injection}}, histogram.sum_seconds);
}

}  // namespace

void SpanHistogram::take(Duration span) {
    const double seconds = seconds_of(span);
    for (std::size_t i = 0; i < span_buckets.size(); ++i) {
        if (seconds <= span_buckets[i].seconds) ++at_most[i];
    }
    ++count;
    sum_seconds += seconds;
}

void LiveFigures::progress(const TrialProgress& progress) {
    running_[progress.trial] = progress;
}

void LiveFigures::trial_done(const TrialRecord& trial, int done, int asked) {
    running_.erase(trial.trial);
    done_ = done;
    asked_ = asked;
    last_trial_ = trial.trial;
    ++outcomes_[std::string(name_of(trial.outcome))];
    for (auto& [id, figures] : injections_) {
        figures.last_detection.reset();
        figures.last_recovery.reset();
        figures.last_success.reset();
    }
    for (const InjectionRecord& record : trial.injections) {
        const InjectionMeasures& measures = record.measures;
        OfInjection& figures = injections_[record.injection.id];
        if (measures.detection_time) figures.detection.take(*measures.detection_time);
        if (measures.recovery_time) figures.recovery.take(*measures.recovery_time);
        if (measures.censored) ++figures.not_recovered;
        figures.last_detection = measures.detection_time;
        figures.last_recovery = measures.recovery_time;
        figures.last_success = measures.success_rate;
    }
}

std::string LiveFigures::text() const {
    reports::OpenMetricsText text(reports::openmetrics_labels(scenario_, parameters_));
    text.family({"faultline_run", "info", "", "The run that these figures come from."});
    text.sample("_info", {{"run", run_}, {"version", faultline_version}}, 1);
    text.family({"faultline_trials_asked", "gauge", "", "Trials that the run shall have."});
    if (asked_ > 0) text.sample("", {}, asked_);
    text.family({"faultline_trials_done", "counter", "", "Trials that are done, by outcome."});
    for (const auto& [outcome, count] : outcomes_)
        text.sample("_total", {{"outcome", outcome}}, static_cast<double>(count));
    text.family({"faultline_trial_phase", "stateset", "", "What a trial under way is doing."});
    for (const auto& [trial, progress] : running_) {
        for (const TrialPhase phase : phases) {
            text.sample("",
                        {{"trial", std::to_string(trial)},
                         {"faultline_trial_phase", std::string(name_of(phase))}},
                        progress.phase == phase ? 1 : 0);
        }
    }
    text.family({"faultline_recent_success_ratio",
                 "gauge",
                 "ratio",
                 "Good operations of those in the last window of a trial under way."});
    for (const auto& [trial, progress] : running_)
        text.sample("", {{"trial", std::to_string(trial)}}, progress.recent_success);
    text.family({"faultline_trial_detection_time_seconds",
                 "histogram",
                 "seconds",
                 "From the injection to the first detection signal, trials so far."});
    for (const auto& [id, figures] : injections_)
        add_histogram(text, id, figures.detection);
    text.family({"faultline_trial_recovery_time_seconds",
                 "histogram",
                 "seconds",
                 "From the injection until steady state holds again, trials so far."});
    for (const auto& [id, figures] : injections_)
        add_histogram(text, id, figures.recovery);
    text.family({"faultline_trials_not_recovered",
                 "counter",
                 "",
                 "Trials that did not recover by the deadline; not in the histogram."});
    for (const auto& [id, figures] : injections_)
        text.sample("_total", {{"injection", id}}, static_cast<double>(figures.not_recovered));
    text.family({"faultline_last_trial", "gauge", "", "The trial that ended last."});
    if (last_trial_) text.sample("", {}, *last_trial_);
    text.family({"faultline_last_detection_time_seconds",
                 "gauge",
                 "seconds",
                 "Detection time in the trial that ended last."});
    for (const auto& [id, figures] : injections_) {
        if (figures.last_detection)
            text.sample("", {{"injection", id}}, seconds_of(*figures.last_detection));
    }
    text.family({"faultline_last_recovery_time_seconds",
                 "gauge",
                 "seconds",
                 "Recovery time in the trial that ended last."});
    for (const auto& [id, figures] : injections_) {
        if (figures.last_recovery)
            text.sample("", {{"injection", id}}, seconds_of(*figures.last_recovery));
    }
    text.family({"faultline_last_success_rate_ratio",
                 "gauge",
                 "ratio",
                 "Good operations of all operations in the trial that ended last."});
    for (const auto& [id, figures] : injections_) {
        if (figures.last_success) text.sample("", {{"injection", id}}, *figures.last_success);
    }
    return text.finish();
}

}  // namespace faultline::cli
