// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "targets/core/errors/error_code.hpp"
#include "targets/core/guard/deadline.hpp"

namespace ftcore::guard {

/// How a guarded call failed, and what may be done about it.
struct CallError {
    ErrorCode code = ErrorCode::internal;
    Retry retry = Retry::never;
    std::string message{};
    /// The guard that did not let the call through ("breaker"); empty: the call itself failed.
    std::string_view refused_by{};
};

/// A value or a `CallError`. Never drop one.
template <class T = void>
class [[nodiscard]] CallResult : public tl::expected<T, CallError> {
  public:
    using tl::expected<T, CallError>::expected;
};

[[nodiscard]] inline tl::unexpected<CallError> call_failed(ErrorCode code,
                                                           Retry retry,
                                                           std::string message) {
    return tl::unexpected<CallError>(CallError{code, retry, std::move(message), {}});
}
[[nodiscard]] inline tl::unexpected<CallError> call_refused(std::string_view guard,
                                                            ErrorCode code,
                                                            Retry retry,
                                                            std::string message) {
    return tl::unexpected<CallError>(CallError{code, retry, std::move(message), guard});
}

/// What a call knows of its caller.
struct CallContext {
    Deadline deadline = Deadline::never();
    /// Doing it twice is like doing it once: it may be tried again when the outcome is unknown.
    bool idempotent = false;
    int attempt = 1;
};

/// Whether a failure speaks against the one that was called: not the caller's own mistake, not a
/// node that points to another one, not a guard of ours.
[[nodiscard]] inline bool speaks_against_target(const CallError& error) {
    if (!error.refused_by.empty()) return false;
    switch (error.retry) {
        case Retry::later:
        case Retry::if_idempotent:
            return true;
        case Retry::elsewhere:
            return error.code != ErrorCode::not_primary;
        case Retry::never:
            break;
    }
    return error.code == ErrorCode::internal || error.code == ErrorCode::storage_failed;
}

}  // namespace ftcore::guard
