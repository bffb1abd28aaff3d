// SPDX-License-Identifier: Apache-2.0
#include "targets/core/errors/error_code.hpp"

#include <algorithm>
#include <array>

#include "harness/base/check.hpp"

namespace ftcore {
namespace {

using enum ErrorCode;

// Sorted by code; `describe` searches it.
constexpr std::array error_table{
    ErrorInfo{none, "OK", Category::none, Severity::info, Retry::never, "No error."},
    ErrorInfo{bad_request,
              "BAD_REQUEST",
              Category::caller,
              Severity::info,
              Retry::never,
              "The request cannot be understood; correct it."},
    ErrorInfo{too_large,
              "TOO_LARGE",
              Category::caller,
              Severity::info,
              Retry::never,
              "The request is larger than this node takes; send less at a time."},
    ErrorInfo{wrong_type,
              "WRONG_TYPE",
              Category::caller,
              Severity::info,
              Retry::never,
              "The operation does not fit the kind of value under this key; use the matching one."},
    ErrorInfo{not_primary,
              "NOT_PRIMARY",
              Category::routing,
              Severity::info,
              Retry::elsewhere,
              "This node does not lead and did nothing; ask the primary."},
    ErrorInfo{no_primary,
              "NO_PRIMARY",
              Category::routing,
              Severity::warning,
              Retry::later,
              "No primary is known now and nothing was done; try again in a moment."},
    ErrorInfo{not_ready,
              "NOT_READY",
              Category::routing,
              Severity::info,
              Retry::later,
              "This node is still recovering and did nothing; try again in a moment."},
    ErrorInfo{overloaded,
              "OVERLOADED",
              Category::limit,
              Severity::warning,
              Retry::later,
              "Too much is waiting, so nothing was done; try again with growing pauses."},
    ErrorInfo{too_many_connections,
              "TOO_MANY_CONNECTIONS",
              Category::limit,
              Severity::warning,
              Retry::later,
              "The limit of connections is reached; close some or raise the limit."},
    ErrorInfo{deadline_exceeded,
              "DEADLINE_EXCEEDED",
              Category::limit,
              Severity::warning,
              Retry::later,
              "The request waited past its deadline and was not begun; try again."},
    ErrorInfo{storage_full,
              "STORAGE_FULL",
              Category::storage,
              Severity::critical,
              Retry::elsewhere,
              "The disk of this node is full, so writes are refused; free some space."},
    ErrorInfo{storage_failed,
              "STORAGE_FAILED",
              Category::storage,
              Severity::critical,
              Retry::elsewhere,
              "The disk of this node failed a write or a sync; ask the new primary and check the "
              "disk."},
    ErrorInfo{corrupted,
              "CORRUPTED",
              Category::storage,
              Severity::critical,
              Retry::elsewhere,
              "Stored bytes do not match their checksum and are not served; the node fetches them "
              "from a peer."},
    ErrorInfo{outcome_unknown,
              "OUTCOME_UNKNOWN",
              Category::unknown,
              Severity::error,
              Retry::if_idempotent,
              "The operation may or may not have happened; read before you repeat it."},
    ErrorInfo{peer_lost,
              "PEER_LOST",
              Category::peer,
              Severity::warning,
              Retry::later,
              "Another node of the group does not answer; see the diagnosis."},
    ErrorInfo{peer_version,
              "PEER_VERSION",
              Category::peer,
              Severity::error,
              Retry::never,
              "Another node speaks a version this one does not know; upgrade the older one."},
    ErrorInfo{peer_frame,
              "PEER_FRAME",
              Category::peer,
              Severity::error,
              Retry::later,
              "Another node sent bytes that are no message; the connection is made anew."},
    ErrorInfo{internal,
              "INTERNAL",
              Category::internal,
              Severity::error,
              Retry::if_idempotent,
              "This node failed in a way it should not; see its log and report it."},
};

constexpr bool by_code(const ErrorInfo& left, const ErrorInfo& right) {
    return left.code < right.code;
}
static_assert(std::is_sorted(error_table.begin(), error_table.end(), by_code));

}  // namespace

std::span<const ErrorInfo> error_infos() {
    return error_table;
}

std::size_t error_position(ErrorCode code) {
    const auto found = std::lower_bound(
        error_table.begin(), error_table.end(), code, [](const ErrorInfo& info, ErrorCode wanted) {
            return info.code < wanted;
        });
    FL_CHECK(found != error_table.end());
    FL_CHECK(found->code == code);
    return static_cast<std::size_t>(found - error_table.begin());
}

const ErrorInfo& describe(ErrorCode code) {
    return error_table[error_position(code)];
}

std::string_view name_of(Category category) {
    switch (category) {
        case Category::none:
            return "none";
        case Category::caller:
            return "caller";
        case Category::routing:
            return "routing";
        case Category::limit:
            return "limit";
        case Category::storage:
            return "storage";
        case Category::unknown:
            return "unknown";
        case Category::peer:
            return "peer";
        case Category::internal:
            return "internal";
    }
    return "none";
}

std::string_view name_of(Severity severity) {
    switch (severity) {
        case Severity::info:
            return "info";
        case Severity::warning:
            return "warning";
        case Severity::error:
            return "error";
        case Severity::critical:
            return "critical";
    }
    return "info";
}

std::string_view name_of(Retry retry) {
    switch (retry) {
        case Retry::never:
            return "never";
        case Retry::elsewhere:
            return "elsewhere";
        case Retry::later:
            return "later";
        case Retry::if_idempotent:
            return "if idempotent";
    }
    return "never";
}

}  // namespace ftcore
