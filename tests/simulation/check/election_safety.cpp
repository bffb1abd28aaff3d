// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>

#include <fmt/format.h>

#include "tests/simulation/check/checker.hpp"

namespace ftcore::simulation {
namespace {

/// At most one leader per term, once: after a restart or a step down it may not lead that term
/// again. Holds at every level. Source: Ongaro 2014, figure 3.2.
class ElectionSafety final : public Checker {
  public:
    std::string_view property() const override { return "election safety"; }

    Finding stepped(const Scene&, const Step& step) override {
        if (step.after.role != Role::leader) return std::nullopt;
        if (step.before.role == Role::leader && step.before.term == step.after.term)
            return std::nullopt;
        const auto [known, fresh] = leaders_.try_emplace(step.after.term, step.node);
        if (fresh) return std::nullopt;
        return fmt::format("node {} led term {} already when node {} began to",
                           known->second,
                           step.after.term,
                           step.node);
    }

  private:
    std::unordered_map<Term, NodeId> leaders_;
};

}  // namespace

std::unique_ptr<Checker> election_safety() {
    return std::make_unique<ElectionSafety>();
}

}  // namespace ftcore::simulation
