// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>

#include <fmt/format.h>

#include "tests/simulation/check/checker.hpp"

namespace ftcore::simulation {
namespace {

/// One try of a client is carried out at one place of the agreed order at most. (That a refused one
/// is carried out nowhere is looked at when all is over.)
class OnceOnly final : public Checker {
  public:
    std::string_view property() const override { return "a command is carried out once"; }

    Finding stepped(const Scene&, const Step&) override { return std::nullopt; }

    Finding applied(const Scene& scene, NodeId node, const Entry& entry, std::uint64_t) override {
        if (entry.kind != EntryKind::command || scene.weakened) return std::nullopt;
        const std::uint64_t attempt = decode_command(entry.data).attempt;
        const auto [known, fresh] = places_.try_emplace(attempt, entry.index);
        if (fresh || known->second == entry.index) return std::nullopt;
        return fmt::format("node {} carries out try {} at {} and at {}",
                           node,
                           attempt,
                           known->second,
                           entry.index);
    }

  private:
    std::unordered_map<std::uint64_t, Index> places_;
};

}  // namespace

std::unique_ptr<Checker> once_only() {
    return std::make_unique<OnceOnly>();
}

}  // namespace ftcore::simulation
