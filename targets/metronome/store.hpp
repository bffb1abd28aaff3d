// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/base/resp_request.hpp"

namespace metronome {

/// The words of a request: views into the buffer it was parsed from.
using Words = std::vector<std::string_view>;

/// Of clients, and of the other member of a pair, which sends their writes on.
inline constexpr faultline::RespRequestLimits request_limits{
    .word_bytes = std::size_t{64} << 20, .request_bytes = std::size_t{72} << 20};

/// What a request does to the data.
enum class Access { none, read, write };

/// SET, GET, INCR, APPEND, DEL, EXISTS, FLUSHALL; `none` for every other name. Shape: upper case.
[[nodiscard]] Access access_of(std::string_view name);

/// The keys and their values, in memory.
class Store {
  public:
    /// Carries out a request with access `read` or `write` and answers as Redis does.
    /// Shape: words[0] in upper case.
    [[nodiscard]] std::string execute(const Words& words);

    [[nodiscard]] const std::unordered_map<std::string, std::string>& values() const {
        return values_;
    }
    void clear() { values_.clear(); }

  private:
    std::unordered_map<std::string, std::string> values_;
};

}  // namespace metronome
