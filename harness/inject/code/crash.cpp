// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include <fmt/format.h>

#include "harness/inject/code/catalog.hpp"
#include "harness/inject/code/point_fault.hpp"
#include "harness/inject/process/held_process.hpp"

namespace faultline {
namespace {

/// After a thread raised SIGKILL, no other runs user code for longer than this, as in
/// process.crash.
constexpr Duration others_stop_max = std::chrono::microseconds(20);

/// A point whose trigger ends the process: the count alone does not prove that it died.
class CodeCrash final : public PointFault {
  public:
    using PointFault::PointFault;

    [[nodiscard]] Result<> prepare() override {
        FL_TRY(held_, HeldProcess::hold_all(victims()));
        return PointFault::prepare();
    }

    [[nodiscard]] Proof prove(Instant applied) override {
        Proof proof = PointFault::prove(applied);
        if (proof.effect != Effect::confirmed) return proof;
        proof.effective_bound = *proof.observed + others_stop_max;
        for (const HeldProcess& process : held_) {
            const auto ended = process.ended();
            if (!ended) {
                proof.effect = Effect::unconfirmed;
                proof.evidence += fmt::format("; {} still runs", process.label());
                continue;
            }
            proof.evidence += fmt::format("; {} ended by {} {:.2f} ms after that",
                                          process.label(),
                                          ended->how,
                                          milliseconds_of(ended->seen - *proof.began));
            if (*proof.observed < ended->seen) proof.observed = ended->seen;
        }
        return proof;
    }

  private:
    std::vector<HeldProcess> held_;
};

}  // namespace

FaultKind code_crash() {
    Kind kind{
        .name = "code.crash",
        .about = "The process ends by a signal to itself when it comes by a place in its code.",
        .parameters = point_parameters(
            {{.name = "how",
              .type = ParameterType::choice,
              .help = "kill: SIGKILL, at once; abort: SIGABRT, which leaves a core where allowed.",
              .default_value = "kill",
              .choices = {"kill", "abort"}}},
            "1"),
        .needs = point_needs,
        .undo = std::string(point_undo) + "; process.restart starts the process again",
        .proof =
            "the target's count of triggers grew and its pidfd became readable; its stamp of "
            "the trigger is t0",
        .clears = true};
    return {std::move(kind), [](FaultContext context) -> Result<std::unique_ptr<Fault>> {
                const Parameters& given = context.spec.parameters;
                FL_TRY(PointOrder order, point_order(given));
                order.action.effect = FailpointEffect::crash;
                order.action.signal = given.get<std::string>("how") == "abort" ? SIGABRT : SIGKILL;
                return std::make_unique<CodeCrash>(
                    std::move(context.victims), std::move(order), context.random);
            }};
}

}  // namespace faultline
