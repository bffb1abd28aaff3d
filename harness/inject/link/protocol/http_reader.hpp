// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/inject/link/protocol/http_body.hpp"
#include "harness/inject/link/protocol/reader.hpp"

namespace faultline::link {

/// HTTP/1.0 and HTTP/1.1. Source: RFC 9110, RFC 9112.
class HttpRequestReader final : public RequestReader {
  public:
    [[nodiscard]] Head head(std::string_view input) override;
    [[nodiscard]] const Request& request() const override { return request_; }
    [[nodiscard]] bool in_body() const override { return !body_.done(); }
    [[nodiscard]] Body body(std::string_view input) override;

  private:
    Request request_;
    HttpBody body_;
    std::size_t searched_ = 0;  // so much of an incomplete head was looked at
};

class HttpAnswerReader final : public AnswerReader {
  public:
    [[nodiscard]] Step next(std::string_view input, bool head_only) override;

  private:
    [[nodiscard]] Step head(std::string_view input, bool head_only);

    std::string head_;  // what came of an incomplete head
    HttpBody body_;
    bool in_body_ = false;
};

}  // namespace faultline::link
