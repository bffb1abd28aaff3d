// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "targets/core/types.hpp"

namespace ftcore {

/// Every checksum that does not match is an anomaly at once; the same place is told again only
/// after a while, since a damaged record is met by every read of it.
class IntegrityDetector {
  public:
    explicit IntegrityDetector(Duration repeat_after = std::chrono::seconds(10))
        : repeat_after_(repeat_after) {}

    [[nodiscard]] static std::string_view name() { return "integrity"; }
    /// Whether this is news.
    bool found(Instant now, const std::string& where);
    [[nodiscard]] std::uint64_t count() const { return count_; }

    /// More places than this are not told apart.
    static constexpr std::size_t places_max = 256;

  private:
    Duration repeat_after_;
    std::map<std::string, Instant> places_{};
    std::uint64_t count_ = 0;
};

}  // namespace ftcore
