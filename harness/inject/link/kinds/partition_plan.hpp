// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.hpp"

namespace faultline::link {

enum class PartitionShape : std::uint8_t { split, one_way, isolate, ring, bridge };

/// Who no longer reaches whom.
///
///   split        one-way      isolate      ring         bridge
///   A A | B B    A ──► B      A   everyone each sees    half ─ middle ─ half
///   A A | B B    held         B   else     its two      the halves do not see
///                A ◄── B      alone each   neighbours   each other
///                flows
class PartitionPlan {
  public:
    /// `groups`: names of instances ("load": the load), none in two groups. `ends`: everyone at an
    /// end of a link.
    ///   split    two groups or more; who is in none keeps all links
    ///   one_way  from the first group to the other ones; where there is no other, to everyone else
    ///   isolate  one group: each of it from everyone, each other and the load too
    ///   ring     those of the groups, or all instances; 4 or more, in the order of their indices
    ///   bridge   the same; 3 or more, the middle one sees both halves
    /// Errors: `invalid`, when the groups do not fit the shape.
    [[nodiscard]] static Result<PartitionPlan> make(
        PartitionShape shape,
        const std::vector<std::vector<std::string>>& groups,
        const std::set<std::string>& ends);

    /// Whether what `from` sends to `to` is held.
    [[nodiscard]] bool cuts(const std::string& from, const std::string& to) const {
        return cut_.contains({from, to});
    }

  private:
    void cut(const std::string& from, const std::string& to) { cut_.insert({from, to}); }
    void cut_both(const std::string& a, const std::string& b);

    std::set<std::pair<std::string, std::string>> cut_;
};

}  // namespace faultline::link
