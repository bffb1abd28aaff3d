// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>

#include "harness/base/result.hpp"
#include "harness/inject/link/protocol/request.hpp"

namespace faultline::link {

/// What HTTP requests are answered with.
struct HttpAnswer {
    int status = 503;
    std::map<std::string, std::string> headers{};  // Connection and lengths come by themselves
    std::string body{};   // not sent with a status that has none (1xx, 204, 304), nor to HEAD
    bool closes = false;  // the connection ends after it
};

/// The answers, spelled for the wire.
class Answers {
  public:
    static constexpr std::size_t body_bytes_max = std::size_t{1} << 20;
    static constexpr std::size_t reply_bytes_max = std::size_t{1} << 20;

    /// `reply`: what Redis requests are answered with: a text that begins with '-', '+' or ':' as
    /// an error, a simple string or an integer, "$-1" as nil, any other as a bulk string. Errors:
    /// `invalid`: a status out of range; a header that is none, or is not for the user to set; line
    /// ends where there cannot be any; a number that is none.
    [[nodiscard]] static Result<Answers> make(const HttpAnswer& http, const std::string& reply);

    /// `closes`: the connection ends after it, and HTTP says so.
    struct How {
        bool head_only = false;
        bool closes = false;
    };
    [[nodiscard]] const std::string& text(RequestProtocol protocol, How how) const;
    [[nodiscard]] int status() const { return status_; }

  private:
    int status_ = 0;
    std::array<std::string, 4> http_{};
    std::string redis_{};
};

}  // namespace faultline::link
