// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/inject/link/protocol/request.hpp"

namespace re2 {
class RE2;
}

namespace faultline::link {

/// Which requests are meant: all that is given must hold; what is empty is not asked. A condition
/// of one protocol holds for no request of the other.
struct RequestConditions {
    // HTTP
    std::string method{};                         // exact
    std::string path{};                           // exact, compared without the query
    std::string path_pattern{};                   // RE2, anywhere in path and query
    std::map<std::string, std::string> header{};  // names in any case, values exact
    // Redis
    std::vector<std::string> commands{};  // one of them, in any case
    std::string key{};                    // exact
    std::string key_pattern{};            // RE2, anywhere in the key
};

/// The same, ready to be asked.
class RequestMatch {
  public:
    /// Errors: `invalid`: a pattern that is none; conditions that no request can fulfil because
    /// they are of different protocols, or not of `spoken`.
    [[nodiscard]] static Result<RequestMatch> make(RequestConditions conditions,
                                                   RequestProtocol spoken);
    [[nodiscard]] bool operator()(const Request& request) const;

  private:
    [[nodiscard]] bool matches_http(const Request& request) const;
    [[nodiscard]] bool matches_redis(const Request& request) const;

    RequestConditions wanted_;
    bool of_http_ = false;
    bool of_redis_ = false;
    // Shared because a match is a value; they are never changed.
    std::shared_ptr<const re2::RE2> path_pattern_{};
    std::shared_ptr<const re2::RE2> key_pattern_{};
};

}  // namespace faultline::link
