// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "tests/simulation/world/node.hpp"

namespace ftcore::simulation {

class Ledger;

/// What a checker may look at besides the step itself.
struct Scene {
    const Surroundings& world;
    const std::vector<std::unique_ptr<Node>>& nodes;
    const Ledger& ledger;
    /// Something was lost that the level does not promise to keep: what follows from durability
    /// need not hold any more.
    bool weakened = false;

    [[nodiscard]] const Node& node(NodeId id) const { return *nodes[id - 1]; }
};

/// One property. It is asked after every step of a node and answers with a sentence when the
/// property does not hold.
class Checker {
  public:
    using Finding = std::optional<std::string>;
    virtual ~Checker() = default;

    [[nodiscard]] virtual std::string_view property() const = 0;
    [[nodiscard]] virtual Finding stepped(const Scene& scene, const Step& step) = 0;
    /// A process began. Its first step comes later.
    virtual void started(const Scene&, NodeId) {}
    /// An agreed entry was carried out by `node`, and its state has this digest now.
    [[nodiscard]] virtual Finding applied(const Scene&, NodeId, const Entry&, std::uint64_t) {
        return std::nullopt;
    }
    /// A client's write was answered after the entry at `index`.
    virtual void acknowledged(Index) {}
    virtual void read_asked(std::uint64_t) {}
    /// A read may be answered from the state of the entry at `index`.
    [[nodiscard]] virtual Finding readable(const Scene&, NodeId, std::uint64_t, Index) {
        return std::nullopt;
    }
};

[[nodiscard]] std::unique_ptr<Checker> election_safety();
[[nodiscard]] std::unique_ptr<Checker> leader_append_only();
[[nodiscard]] std::unique_ptr<Checker> log_matching();
[[nodiscard]] std::unique_ptr<Checker> leader_completeness();
[[nodiscard]] std::unique_ptr<Checker> state_machine_safety();
[[nodiscard]] std::unique_ptr<Checker> durability();
[[nodiscard]] std::unique_ptr<Checker> single_lease_holder();
[[nodiscard]] std::unique_ptr<Checker> once_only();
[[nodiscard]] std::unique_ptr<Checker> fresh_reads();

/// One of each.
[[nodiscard]] std::vector<std::unique_ptr<Checker>> all_checkers();

}  // namespace ftcore::simulation
