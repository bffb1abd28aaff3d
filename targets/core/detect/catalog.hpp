// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "targets/core/detect/chen.hpp"
#include "targets/core/detect/failure_detector.hpp"
#include "targets/core/detect/phi_accrual.hpp"

namespace ftcore {

/// What the detectors of the catalog are made with; each takes its own part.
struct DetectorSettings {
    Duration timeout = std::chrono::milliseconds(50);  // fixed_timeout
    ChenSettings chen{};
    PhiSettings phi{};
};

/// Sorted: "chen", "connection_loss", "fixed_timeout", "phi_accrual".
[[nodiscard]] std::span<const std::string> detector_names();

/// Errors: an unknown name, with the known ones.
[[nodiscard]] Result<std::unique_ptr<FailureDetector>> make_detector(
    std::string_view name, const DetectorSettings& settings);

}  // namespace ftcore
