// SPDX-License-Identifier: Apache-2.0
#include "harness/include/faultline/errno_name.hpp"
#include "harness/inject/code/catalog.hpp"
#include "harness/inject/code/point_fault.hpp"

namespace faultline {
namespace {

std::vector<std::string> error_names() {
    std::vector<std::string> names;
    for (const ErrnoName& known : errno_names)
        names.emplace_back(known.name);
    return names;
}

}  // namespace

FaultKind code_error() {
    Kind kind{.name = "code.error",
              .about = "A place in the target's code reports an error that did not happen.",
              .parameters = point_parameters({{.name = "error",
                                               .type = ParameterType::choice,
                                               .help = "The error number to pretend, by name.",
                                               .default_value = "EIO",
                                               .choices = error_names()}},
                                             "0"),
              .needs = point_needs,
              .undo = point_undo,
              .proof = point_proof,
              .clears = true};
    return {std::move(kind), [](FaultContext context) -> Result<std::unique_ptr<Fault>> {
                const Parameters& given = context.spec.parameters;
                FL_TRY(PointOrder order, point_order(given));
                order.action.effect = FailpointEffect::error;
                order.action.error = parse_errno(given.get<std::string>("error"));
                if (order.action.error == 0) {
                    return fail(given.get<std::string>("error") + " is not the name of an error",
                                ErrorCode::invalid);
                }
                return std::make_unique<PointFault>(
                    std::move(context.victims), std::move(order), context.random);
            }};
}

}  // namespace faultline
