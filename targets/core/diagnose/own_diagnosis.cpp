// SPDX-License-Identifier: Apache-2.0
#include "targets/core/diagnose/own_diagnosis.hpp"

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/base/units.hpp"

namespace ftcore {
namespace {

using faultline::format_duration;

Cause cause_of(StorageTrouble trouble) {
    switch (trouble) {
        case StorageTrouble::slow:
            return Cause::storage_slow;
        case StorageTrouble::full:
            return Cause::storage_full;
        case StorageTrouble::failing:
        case StorageTrouble::none:
            return Cause::storage_failing;
    }
    return Cause::storage_failing;
}

}  // namespace

Diagnosis diagnose_storage(Instant now, NodeId self, const StorageFindings& findings) {
    FL_CHECK(findings.trouble != StorageTrouble::none);
    Diagnosis diagnosis{
        .at = now, .about = self, .cause = cause_of(findings.trouble), .place = Place::disk};
    if (findings.trouble != StorageTrouble::slow) {
        diagnosis.evidence.push_back(findings.failure.empty() ? "a write of the log failed"
                                                              : findings.failure);
        return diagnosis;
    }
    diagnosis.evidence.push_back(fmt::format("the last synced writes took {} (p99 {}), {} is slow",
                                             format_duration(findings.recent),
                                             format_duration(findings.p99),
                                             format_duration(findings.bound)));
    if (findings.peers_latency > Duration::zero()) {
        diagnosis.evidence.push_back(
            fmt::format("the peers' take {}", format_duration(findings.peers_latency)));
    }
    return diagnosis;
}

Diagnosis diagnose_corruption(Instant now, NodeId self, const std::string& where) {
    return {.at = now,
            .about = self,
            .cause = Cause::corruption,
            .place = Place::disk,
            .evidence = {"a checksum does not match: " + where}};
}

Diagnosis diagnose_load(Instant now, NodeId self, const LoadFindings& findings) {
    const bool piles_up = findings.overloaded || findings.queue_long;
    Diagnosis diagnosis{.at = now,
                        .about = self,
                        .cause = piles_up ? Cause::overload : Cause::slow,
                        .place = Place::self};
    if (piles_up) {
        diagnosis.evidence.push_back(fmt::format("{} commands wait, the median takes {}",
                                                 findings.queue_depth,
                                                 format_duration(findings.median)));
    }
    if (findings.failing && findings.total > 0) {
        const double share =
            static_cast<double>(findings.failed) / static_cast<double>(findings.total);
        std::string sentence = fmt::format(
            "{} of {} operations failed", faultline::format_share(share), findings.total);
        if (findings.most_frequent) {
            sentence += fmt::format(", most with {}", describe(*findings.most_frequent).name);
        }
        diagnosis.evidence.push_back(std::move(sentence));
    }
    if (findings.shifted) {
        diagnosis.evidence.push_back(fmt::format("the median latency is {}, usual is {}",
                                                 format_duration(findings.median),
                                                 format_duration(findings.usual)));
    }
    return diagnosis;
}

}  // namespace ftcore
