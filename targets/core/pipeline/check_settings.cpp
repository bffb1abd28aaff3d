// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "targets/core/pipeline_settings.hpp"

namespace ftcore {
namespace {

Result<> check_members(const PipelineSettings& settings) {
    const auto is_self = [&](const Member& member) { return member.id == settings.self; };
    if (std::count_if(settings.members.begin(), settings.members.end(), is_self) != 1) {
        return faultline::fail(
            fmt::format("node {} must be among the {} members of its pipeline, once",
                        settings.self,
                        settings.members.size()),
            faultline::ErrorCode::invalid);
    }
    return {};
}

Result<> check_detector(const PipelineSettings& settings) {
    const CarefulSettings& careful = settings.careful;
    if (careful.floor <= Duration::zero() || careful.floor > careful.ceiling) {
        return faultline::fail(
            fmt::format("the detection floor {} must be positive and not above the ceiling {}",
                        faultline::format_duration(careful.floor),
                        faultline::format_duration(careful.ceiling)),
            faultline::ErrorCode::invalid);
    }
    if (settings.detectors.phi.threshold <= 0.31 || settings.detectors.phi.threshold >= 300) {
        return faultline::fail(
            fmt::format("the phi threshold {} must lie between 0.31 and 300; 8 is usual",
                        settings.detectors.phi.threshold),
            faultline::ErrorCode::invalid);
    }
    if (settings.detectors.phi.window < PhiAccrualDetector::spans_min ||
        settings.detectors.chen.window == 0 ||
        settings.detectors.chen.safety_margin <= Duration::zero() ||
        settings.detectors.timeout <= Duration::zero()) {
        return faultline::fail(
            "detectors need windows of at least 10 (phi) and 1 (chen) arrivals, "
            "and times above zero",
            faultline::ErrorCode::invalid);
    }
    FL_TRY([[maybe_unused]] const auto detector,
           make_detector(settings.detector, settings.detectors));
    return {};
}

}  // namespace

Result<> check(const PipelineSettings& settings) {
    FL_TRY_VOID(check_members(settings));
    FL_TRY_VOID(check_detector(settings));
    constexpr Duration span_min = std::chrono::milliseconds(1);
    for (const Duration span : {settings.monitor.operation_span,
                                settings.monitor.storage_span,
                                settings.monitor.lag_span,
                                settings.look_every,
                                settings.probe_patience,
                                settings.shedding.period}) {
        if (span >= span_min) continue;
        return faultline::fail(fmt::format("a window or period of {} is too short; at least 1 ms",
                                           faultline::format_duration(span)),
                               faultline::ErrorCode::invalid);
    }
    return {};
}

}  // namespace ftcore
