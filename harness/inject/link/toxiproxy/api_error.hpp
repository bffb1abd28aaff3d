// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "harness/base/result.hpp"

namespace faultline::link {

/// An error as the API answers it: the text its clients know, and more of ours beside it.
struct ApiError {
    int status = 400;
    std::string message;
    std::string hint{};  // what would be right; empty: nothing to say
};

/// A value, or what the API answers instead.
template <class T = void>
class [[nodiscard]] Answer : public tl::expected<T, ApiError> {
  public:
    using tl::expected<T, ApiError>::expected;
};

[[nodiscard]] inline tl::unexpected<ApiError> refuse(int status,
                                                     std::string message,
                                                     std::string hint = {}) {
    return tl::unexpected<ApiError>(ApiError{status, std::move(message), std::move(hint)});
}

/// What the engine says about an address.
[[nodiscard]] inline tl::unexpected<ApiError> refuse(const Error& error) {
    return refuse(error.code == ErrorCode::invalid ? 400 : 500, error.message);
}

}  // namespace faultline::link
