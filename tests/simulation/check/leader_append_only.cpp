// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "tests/simulation/check/checker.hpp"

namespace ftcore::simulation {
namespace {

/// A leader never overwrites or deletes entries of its log. Source: Ongaro 2014, figure 3.2.
class LeaderAppendOnly final : public Checker {
  public:
    std::string_view property() const override { return "leader append-only"; }

    Finding stepped(const Scene&, const Step& step) override {
        const bool led = step.before.role == Role::leader && step.after.role == Role::leader &&
                         step.before.term == step.after.term;
        if (!led) return std::nullopt;
        for (const StorageWork& work : step.effects.storage) {
            if (work.truncate_from) {
                return fmt::format("node {} leads term {} and forgets its entries from {} on",
                                   step.node,
                                   step.after.term,
                                   *work.truncate_from);
            }
            if (work.snapshot) {
                return fmt::format("node {} leads term {} and takes a snapshot from another one",
                                   step.node,
                                   step.after.term);
            }
        }
        if (step.after.last >= step.before.last) return std::nullopt;
        return fmt::format("node {} leads term {} and its log shrinks from {} to {}",
                           step.node,
                           step.after.term,
                           step.before.last,
                           step.after.last);
    }
};

}  // namespace

std::unique_ptr<Checker> leader_append_only() {
    return std::make_unique<LeaderAppendOnly>();
}

}  // namespace ftcore::simulation
