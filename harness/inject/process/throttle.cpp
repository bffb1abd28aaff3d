// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/units.hpp"
#include "harness/inject/process/catalog.hpp"
#include "harness/inject/process/cpu_bandwidth.hpp"
#include "harness/inject/process/cpu_usage.hpp"
#include "harness/inject/process/duty_cycle.hpp"

namespace faultline {
namespace {

constexpr double share_min = 0.01;
constexpr double share_max = 0.99;
/// CPU use is judged over at least this long, fifty periods of the duty cycle.
constexpr Duration window_min = std::chrono::milliseconds(500);
/// How far measured CPU use may lie above the share: a tenth of it and two points of a CPU, for
/// late wake-ups of the duty cycle.
constexpr double usage_factor_max = 1.1;
constexpr double usage_excess_max = 0.02;
/// Less than this part of its share: the process wanted less, so its use shows no throttle.
constexpr double usage_telling_min = 0.5;
/// Of all looks at frozen phases, how many must have found the victims frozen. It is so low because
/// a thread that waits for a core stands still too, but is frozen only once it had one; a control
/// that does not work at all is never found frozen.
constexpr double frozen_share_min = 0.05;

class Throttle final : public Fault {
  public:
    Throttle(std::vector<Victim*> victims, double share)
        : victims_(std::move(victims)), share_(share) {}

    [[nodiscard]] Result<> prepare() override {
        FL_TRY(held_, HeldProcess::hold_all(victims_));
        if (open_bandwidths()) return {};
        bandwidths_.clear();
        FL_TRY(freezers_, Freezer::open_all(victims_));
        duty_cycle_ = std::make_unique<DutyCycle>(freezers_, share_);
        return {};
    }

    [[nodiscard]] std::vector<Undo> undo() const override {
        std::vector<Undo> all;
        for (const CpuBandwidth& bandwidth : bandwidths_)
            all.push_back(bandwidth.undo());
        for (const Freezer& freezer : freezers_)
            all.push_back(freezer.undo());
        return all;
    }

    [[nodiscard]] Result<> apply() override {
        if (duty_cycle_) return duty_cycle_->start();
        Result<> result;
        for (const CpuBandwidth& bandwidth : bandwidths_) {
            auto applied = bandwidth.apply();
            if (!applied && result) result = std::move(applied);
        }
        return result;
    }

    /// The first call opens the window over which CPU use is measured, later ones look at it.
    [[nodiscard]] Proof prove(Instant applied) override {
        Proof proof;
        if (!window_begin_) return open_window();
        const Instant looked = now();
        const Duration window = looked - *window_begin_;
        if (window < window_min) {
            proof.evidence = "CPU use is being measured";
            return proof;
        }
        bool confirmed = control_in_place();
        std::vector<std::string> sentences;
        for (std::size_t index = 0; index < held_.size(); ++index) {
            const auto used = cpu_time_of(held_[index]);
            if (!used) {
                sentences.push_back(used.error().message);
                confirmed = false;
                continue;
            }
            const double usage = seconds_of(*used - used_before_[index]) / seconds_of(window);
            if (usage > usage_max(held_[index])) confirmed = false;
            sentences.push_back(describe_usage(held_[index], usage, window));
        }
        proof.evidence = fmt::format("{}; {}", fmt::join(sentences, "; "), describe_control());
        if (confirmed) {
            proof.effect = Effect::confirmed;
            proof.effective_bound = applied;
            proof.observed = looked;
        }
        return proof;
    }

    [[nodiscard]] Result<> clear() override {
        if (duty_cycle_) return duty_cycle_->stop();
        Result<> result;
        for (const CpuBandwidth& bandwidth : bandwidths_) {
            auto cleared = bandwidth.clear();
            if (!cleared && result) result = std::move(cleared);
        }
        return result;
    }

    [[nodiscard]] std::string mechanism() const override {
        if (!bandwidths_.empty()) return bandwidths_[0].text();
        return fmt::format("duty cycle, {} of every {} frozen, by {}",
                           format_share(1 - share_),
                           spell_duration(DutyCycle::period),
                           describe_mechanism(freezers_));
    }

  private:
    /// Returns whether every victim has the kernel's own control.
    bool open_bandwidths() {
        for (const Victim* victim : victims_) {
            const auto cgroup = victim->cgroup();
            if (!cgroup) return false;
            auto bandwidth = CpuBandwidth::open(*cgroup, share_);
            if (!bandwidth) return false;
            bandwidths_.push_back(std::move(*bandwidth));
        }
        return true;
    }

    Proof open_window() {
        Proof proof{.evidence = "CPU use is being measured"};
        used_before_.clear();
        for (const HeldProcess& process : held_) {
            const auto used = cpu_time_of(process);
            if (!used) {
                proof.evidence = used.error().message;
                return proof;
            }
            used_before_.push_back(*used);
        }
        window_begin_ = now();
        return proof;
    }

    [[nodiscard]] bool control_in_place() const {
        if (!duty_cycle_) {
            return std::all_of(bandwidths_.begin(),
                               bandwidths_.end(),
                               [](const CpuBandwidth& bandwidth) { return bandwidth.in_place(); });
        }
        const auto looks = duty_cycle_->looks();
        return looks.all > 0 && static_cast<double>(looks.frozen) >=
                                    frozen_share_min * static_cast<double>(looks.all);
    }

    [[nodiscard]] std::string describe_control() const {
        if (!duty_cycle_) {
            return bandwidths_[0].text() +
                   (control_in_place() ? " reads back" : " does not read back");
        }
        const auto looks = duty_cycle_->looks();
        return fmt::format(
            "found frozen in {} of {} looks at frozen phases", looks.frozen, looks.all);
    }

    /// cpu.max bounds all threads together; the duty cycle bounds each, so they add up.
    [[nodiscard]] double usage_max(const HeldProcess& process) const {
        const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
        const int together = duty_cycle_ ? std::min(threads_of(process), cores) : 1;
        return share_ * together * usage_factor_max + usage_excess_max;
    }

    [[nodiscard]] std::string describe_usage(const HeldProcess& process,
                                             double usage,
                                             Duration window) const {
        std::string text = fmt::format("{} used {} of a CPU over {} under a throttle to {}",
                                       process.label(),
                                       format_share(usage),
                                       format_duration(window),
                                       format_share(share_));
        if (usage < share_ * usage_telling_min)
            text += ", too little to show the throttle by itself";
        return text;
    }

    std::vector<Victim*> victims_;
    double share_;
    std::vector<HeldProcess> held_;
    std::vector<CpuBandwidth> bandwidths_;   // either these, or
    std::vector<Freezer> freezers_;          // these with
    std::unique_ptr<DutyCycle> duty_cycle_;  // this, which uses them
    std::optional<Instant> window_begin_;
    std::vector<Duration> used_before_;
};

}  // namespace

FaultKind process_throttle() {
    Kind kind{
        .name = "process.throttle",
        .about = "Leaves the process only a share of a CPU.",
        .parameters = {{.name = "share",
                        .type = ParameterType::share,
                        .help = "The share of one CPU's time it may use, 1% to 99%.",
                        .required = true,
                        .minimum = share_min,
                        .maximum = share_max}},
        .needs =
            "a cgroup v2 with the cpu controller for the kernel's own throttle; without it the "
            "process is frozen for the rest of every 10 ms, where each thread gets the share",
        .undo = "the limit before it, or the process continues",
        .proof = "the control is in place, and CPU use over 500 ms does not exceed the share",
        .clears = true};
    return {std::move(kind), [](FaultContext context) -> Result<std::unique_ptr<Fault>> {
                const double share = context.spec.parameters.get<double>("share");
                if (!(share >= share_min && share <= share_max)) {
                    return fail(
                        "share is " + format_share(share) + ", it must be between 1 % and 99 %",
                        ErrorCode::invalid);
                }
                return std::make_unique<Throttle>(std::move(context.victims), share);
            }};
}

}  // namespace faultline
