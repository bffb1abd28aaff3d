// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "tests/simulation/check/checker.hpp"

namespace ftcore::simulation {
namespace {

/// A read looks at a state that holds every write acknowledged before the read came to its node.
/// Stale reads are caught here whichever register they look at. Source: Ongaro 2014, section 6.4.
class FreshReads final : public Checker {
  public:
    std::string_view property() const override { return "reads are fresh"; }

    Finding stepped(const Scene&, const Step&) override { return std::nullopt; }

    void acknowledged(Index index) override {
        acknowledged_to_ = std::max(acknowledged_to_, index);
    }
    void read_asked(std::uint64_t attempt) override { least_[attempt] = acknowledged_to_; }

    Finding readable(const Scene& scene, NodeId node, std::uint64_t attempt, Index index) override {
        if (scene.weakened || scene.world.plan().consensus.level == Level::low) return std::nullopt;
        const Index least = least_[attempt];
        if (index >= least) return std::nullopt;
        return fmt::format(
            "node {} of term {} reads the state of entry {}; entry {} was acknowledged before it "
            "was asked",
            node,
            scene.node(node).glance().term,
            index,
            least);
    }

  private:
    Index acknowledged_to_ = 0;
    std::unordered_map<std::uint64_t, Index> least_;
};

}  // namespace

std::unique_ptr<Checker> fresh_reads() {
    return std::make_unique<FreshReads>();
}

}  // namespace ftcore::simulation
