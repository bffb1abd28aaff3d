// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "failpoint_registry.hpp"
#include "failpoint_site.hpp"
#include "failpoint_text.hpp"

/// A place where a fault can be made to happen. An expression of type int: 0 when nothing is armed,
/// otherwise the error (an errno) to pretend; armed, it may also hold up the caller, throw
/// std::runtime_error, or end the process.
///
///   if (const int error = FL_FAILPOINT("wal.sync")) return fail_errno("syncing the log", error);
///   FL_FAILPOINT_DO("net.send", return drop_packet());  // the statement runs when it triggers
///
/// The name is a literal: letters, digits, dots, underscores and dashes. Places with one name are
/// one point. Thread: any. Cost when not armed: two loads and a branch that is never taken.
#ifndef FAULTLINE_NO_FAILPOINTS
#define FL_FAILPOINT(point)                                                                    \
    ([]() -> int {                                                                             \
        static_assert(::faultline::embed::is_failpoint_name("" point),                         \
                      "a fail point's name is 1 to 63 letters, digits, dots, underscores and " \
                      "dashes");                                                               \
        struct FlPoint {                                                                       \
            static constexpr const char* text() noexcept { return "" point; }                  \
        };                                                                                     \
        return ::faultline::embed::Failpoint<FlPoint>::hit();                                  \
    }())
#else
#define FL_FAILPOINT(point) (static_cast<int>(sizeof("" point) * 0))
#endif

/// Runs the statement when the point triggers with an error.
#define FL_FAILPOINT_DO(point, ...)     \
    do {                                \
        if (FL_FAILPOINT(point) != 0) { \
            __VA_ARGS__;                \
        }                               \
    } while (false)

namespace faultline {

/// The points of this program, also those that were never reached, sorted; for --list-failpoints.
inline std::vector<std::string> list_failpoints() {
    return embed::FailpointRegistry::get().names();
}

/// Gives one point its order, from now on. Errors: this program has no point of that name.
inline FailpointResult arm_failpoint(std::string_view point, const FailpointAction& action) {
    auto& registry = embed::FailpointRegistry::get();
    FailpointSlot* const slot = registry.find(point);
    if (slot == nullptr) {
        return FailpointResult("this program has no fail point \"" + std::string(point) + "\"" +
                               embed::suggest_failpoint(point, registry.names()));
    }
    static_cast<void>(arm(*slot, action));
    return {};
}

/// The same with a function that is called at each hit; its value is what FL_FAILPOINT has.
inline FailpointResult arm_failpoint(std::string_view point, FailpointCallback callback) {
    auto& registry = embed::FailpointRegistry::get();
    if (FailpointSlot* const slot = registry.find(point))
        registry.set_callback(*slot, std::move(callback));
    FailpointAction action;
    action.effect = FailpointEffect::callback;
    return arm_failpoint(point, action);
}

/// Ends the point's order, if it has one.
inline void disarm_failpoint(std::string_view point) {
    if (FailpointSlot* const slot = embed::FailpointRegistry::get().find(point)) disarm(*slot);
}
inline void disarm_all_failpoints() {
    for (const std::string& point : list_failpoints())
        disarm_failpoint(point);
}

/// All zero for a point that does not exist.
inline FailpointStatus failpoint_status(std::string_view point) {
    const FailpointSlot* const slot = embed::FailpointRegistry::get().find(point);
    if (slot == nullptr) return {};
    FailpointStatus status;
    status.armed = slot->armed.load(std::memory_order_acquire) != 0;
    status.hits = embed::Tally::count(slot->hits);
    status.triggered = embed::Tally::count(slot->triggered);
    status.first_trigger_ns = slot->first_trigger_ns.load(std::memory_order_acquire);
    return status;
}

/// Arms what a text says (the grammar stands in failpoint_text.hpp): all of it, or nothing.
/// Errors: the first mistake, with its place in the text and what would be right.
inline FailpointResult arm_failpoints(std::string_view text) {
    std::vector<embed::FailpointOrder> orders;
    embed::FailpointText reader(text);
    if (auto parsed = reader.parse(orders); !parsed) return parsed;
    auto& registry = embed::FailpointRegistry::get();
    for (const embed::FailpointOrder& order : orders) {
        if (registry.find(order.point) != nullptr) continue;
        return FailpointResult(reader.place_of(order.point) +
                               ": this program has no fail point \"" + std::string(order.point) +
                               "\"" + embed::suggest_failpoint(order.point, registry.names()));
    }
    for (const embed::FailpointOrder& order : orders)
        static_cast<void>(arm(*registry.find(order.point), order.action));
    return {};
}

/// Opens the points to a harness when FAULTLINE_FAILPOINT_CONTROL names its control file, then arms
/// what FAULTLINE_FAILPOINTS says. Does nothing without the variables. For libraries; a program
/// calls arm_failpoints_from_environment. Errors: the variable, the place, the reason.
inline FailpointResult try_arm_failpoints_from_environment() {
    const char* const control = std::getenv("FAULTLINE_FAILPOINT_CONTROL");
    if (control != nullptr && *control != '\0') {
        auto attached = embed::FailpointRegistry::get().attach(control);
        if (!attached) return FailpointResult("FAULTLINE_FAILPOINT_CONTROL: " + attached.message());
    }
    const char* const text = std::getenv("FAULTLINE_FAILPOINTS");
    if (text != nullptr && *text != '\0') {
        auto armed = arm_failpoints(text);
        if (!armed) return FailpointResult("FAULTLINE_FAILPOINTS: " + armed.message());
    }
    return {};
}

/// The same at the begin of main; a mistake ends the program with a message and code 2, because a
/// fault that is silently not injected makes a false proof.
inline void arm_failpoints_from_environment() {
    if (auto armed = try_arm_failpoints_from_environment(); !armed) {
        std::fprintf(stderr, "%s\n", armed.message().c_str());
        std::exit(2);
    }
}

}  // namespace faultline
