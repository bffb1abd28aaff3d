// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/random.hpp"
#include "harness/inject/link/protocol/request.hpp"

namespace faultline::link::test {

/// One request, and what a server answers to it.
struct Exchange {
    std::string request;
    std::string answer;
    bool marked = false;  // "/struck" is in its path, or "struck" its key
    std::string refusal;  // what the default fault (without a body) answers it with
};

/// A valid exchange of any shape; all requests of one `number` are alike, of two they differ.
[[nodiscard]] Exchange random_exchange(RequestProtocol protocol, int number, Random& random);
[[nodiscard]] std::vector<Exchange> random_exchanges(RequestProtocol protocol,
                                                     int count,
                                                     Random& random);

/// Bytes that look like nothing, or like one of the protocols with mistakes in it.
[[nodiscard]] std::string random_garbage(Random& random);

/// Cuts `bytes` into pieces of random sizes.
[[nodiscard]] std::vector<std::string> cut(std::string_view bytes, Random& random);

}  // namespace faultline::link::test
