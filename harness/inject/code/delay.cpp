// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/code/catalog.hpp"
#include "harness/inject/code/point_fault.hpp"

namespace faultline {

FaultKind code_delay() {
    constexpr double longest = 3600e9;
    Kind kind{.name = "code.delay",
              .about = "A place in the target's code takes longer.",
              .parameters = point_parameters(
                  {{.name = "delay",
                    .type = ParameterType::duration,
                    .help = "How long the thread that comes by is held up.",
                    .required = true,
                    .minimum = 0,
                    .maximum = longest},
                   {.name = "spread",
                    .type = ParameterType::duration,
                    .help = "The delay is drawn uniformly from delay - spread to delay + spread.",
                    .default_value = "0s",
                    .minimum = 0,
                    .maximum = longest}},
                  "0"),
              .needs = point_needs,
              .undo = point_undo,
              .proof = point_proof,
              .clears = true};
    return {std::move(kind), [](FaultContext context) -> Result<std::unique_ptr<Fault>> {
                const Parameters& given = context.spec.parameters;
                FL_TRY(PointOrder order, point_order(given));
                order.action.effect = FailpointEffect::delay;
                order.action.delay_ns = given.get<Duration>("delay").count();
                order.action.jitter_ns = given.get<Duration>("spread").count();
                if (order.action.delay_ns < 0 || order.action.jitter_ns < 0) {
                    return fail("delay and spread cannot be negative", ErrorCode::invalid);
                }
                if (order.action.jitter_ns > order.action.delay_ns) {
                    return fail("spread is longer than delay, which would reach into the past",
                                ErrorCode::invalid);
                }
                return std::make_unique<PointFault>(
                    std::move(context.victims), std::move(order), context.random);
            }};
}

}  // namespace faultline
