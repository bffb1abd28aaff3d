// SPDX-License-Identifier: Apache-2.0
#include "targets/core/alert/rule.hpp"

#include <fmt/format.h>

namespace ftcore {
namespace {

using Subjects = std::vector<AlertSubject>;

Subjects when(bool holds, std::string_view text) {
    if (!holds) return {};
    return {{"", std::string(text)}};
}

Subjects lost_peers(const AlertView& view) {
    Subjects subjects;
    for (const std::string& name : view.peers_lost)
        subjects.push_back({name, fmt::format("{} is lost", name)});
    return subjects;
}

Subjects no_primary(const AlertView& view) {
    return when(view.no_primary_since.has_value(), "no primary is known: nothing is served");
}

Subjects storage_failing(const AlertView& view) {
    return when(view.storage == StorageTrouble::failing, "the disk failed a write or a sync");
}

Subjects storage_slow(const AlertView& view) {
    return when(view.storage == StorageTrouble::slow, "the disk is slow");
}

Subjects disk_full(const AlertView& view) {
    return when(view.storage == StorageTrouble::full, "the disk is full: writes are refused");
}

Subjects corruption(const AlertView& view) {
    if (!view.corruption) return {};
    return {{"", fmt::format("stored data is damaged: {}", *view.corruption)}};
}

Subjects error_rate(const AlertView& view) {
    return when(view.failing, "operations fail more often than they may");
}

Subjects overload(const AlertView& view) {
    return when(view.overloaded, "more comes in than this node can do: load is shed");
}

Subjects safe_state(const AlertView& view) {
    if (!view.safe_state) return {};
    return {{"", fmt::format("repair gave up: {}", *view.safe_state)}};
}

}  // namespace

std::vector<AlertRule> default_alert_rules() {
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    return {
        {.name = "peer_lost", .severity = Severity::warning, .subjects = lost_peers},
        {.name = "no_primary",
         .severity = Severity::critical,
         .hold = seconds(1),
         .subjects = no_primary},
        {.name = "storage_failing", .severity = Severity::critical, .subjects = storage_failing},
        {.name = "storage_slow",
         .severity = Severity::warning,
         .hold = seconds(1),
         .subjects = storage_slow},
        {.name = "disk_full", .severity = Severity::critical, .subjects = disk_full},
        {.name = "corruption", .severity = Severity::critical, .subjects = corruption},
        {.name = "error_rate",
         .severity = Severity::error,
         .hold = milliseconds(500),
         .subjects = error_rate},
        {.name = "overload",
         .severity = Severity::warning,
         .hold = milliseconds(500),
         .subjects = overload},
        {.name = "safe_state", .severity = Severity::critical, .subjects = safe_state},
    };
}

}  // namespace ftcore
