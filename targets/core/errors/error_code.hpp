// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ftcore {

/// Stable codes: numbers and names never change their meaning. `describe` has the rest.
enum class ErrorCode : std::uint16_t {
    none = 0,
    // the caller's mistake
    bad_request = 100,
    too_large = 101,
    wrong_type = 102,
    // somebody else's turn
    not_primary = 200,
    no_primary = 201,
    not_ready = 202,
    // limits
    overloaded = 300,
    too_many_connections = 301,
    deadline_exceeded = 302,
    // storage
    storage_full = 400,
    storage_failed = 401,
    corrupted = 402,
    // the outcome is not known
    outcome_unknown = 500,
    // peers
    peer_lost = 600,
    peer_version = 601,
    peer_frame = 602,
    internal = 900
};

enum class Category : std::uint8_t {
    none,
    caller,
    routing,
    limit,
    storage,
    unknown,
    peer,
    internal
};
enum class Severity : std::uint8_t { info, warning, error, critical };
enum class Retry : std::uint8_t {
    never,         // the same request fails again
    elsewhere,     // surely not done; another node may do it
    later,         // surely not done; try again after a pause
    if_idempotent  // perhaps done
};

struct ErrorInfo {
    ErrorCode code;
    std::string_view name;  // "NOT_PRIMARY": what replies and events carry
    Category category;
    Severity severity;
    Retry retry;
    std::string_view message;  // one sentence with the remedy
};

/// Requires: one of the codes above.
[[nodiscard]] const ErrorInfo& describe(ErrorCode code);

/// All of them, sorted by code, and where one stands among them.
[[nodiscard]] std::span<const ErrorInfo> error_infos();
[[nodiscard]] std::size_t error_position(ErrorCode code);

[[nodiscard]] std::string_view name_of(Category category);
[[nodiscard]] std::string_view name_of(Severity severity);
[[nodiscard]] std::string_view name_of(Retry retry);

}  // namespace ftcore
