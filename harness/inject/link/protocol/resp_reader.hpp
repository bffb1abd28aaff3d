// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/inject/link/protocol/reader.hpp"
#include "harness/inject/link/protocol/resp_skip.hpp"

namespace faultline::link {

/// The Redis protocol, version 2. Source: https://redis.io/docs/reference/protocol-spec
class RespRequestReader final : public RequestReader {
  public:
    [[nodiscard]] Head head(std::string_view input) override;
    [[nodiscard]] const Request& request() const override { return request_; }
    [[nodiscard]] bool in_body() const override { return !rest_.done(); }
    [[nodiscard]] Body body(std::string_view input) override;

  private:
    Request request_;
    RespSkip rest_;  // of the words
};

class RespAnswerReader final : public AnswerReader {
  public:
    [[nodiscard]] Step next(std::string_view input, bool head_only) override;

  private:
    RespSkip value_;
};

}  // namespace faultline::link
