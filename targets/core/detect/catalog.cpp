// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/catalog.hpp"

#include <array>

#include <fmt/format.h>

#include "harness/base/nearest.hpp"
#include "targets/core/detect/connection_loss.hpp"
#include "targets/core/detect/fixed_timeout.hpp"

namespace ftcore {

std::span<const std::string> detector_names() {
    static const std::array<std::string, 4> names{
        "chen", "connection_loss", "fixed_timeout", "phi_accrual"};
    return names;
}

Result<std::unique_ptr<FailureDetector>> make_detector(std::string_view name,
                                                       const DetectorSettings& settings) {
    if (name == "chen") return std::make_unique<ChenDetector>(settings.chen);
    if (name == "connection_loss") return std::make_unique<ConnectionLossDetector>();
    if (name == "fixed_timeout") return std::make_unique<FixedTimeoutDetector>(settings.timeout);
    if (name == "phi_accrual") return std::make_unique<PhiAccrualDetector>(settings.phi);
    return faultline::fail(
        fmt::format(
            "unknown detector \"{}\"{}", name, faultline::suggestion(name, detector_names())),
        faultline::ErrorCode::invalid);
}

}  // namespace ftcore
