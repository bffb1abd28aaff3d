// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "tests/simulation/world/step.hpp"

namespace ftcore::simulation {

/// Every node's log as a chain of hashes, followed from its storage steps, so that whole prefixes
/// are compared by one number. A witness has no data: the chain is made of terms.
class Ledger {
  public:
    explicit Ledger(std::size_t nodes) : logs_(nodes) {}

    struct Link {
        Term term = 0;
        std::uint64_t chain = 0;
    };

    void started(NodeId node, const Recovered& recovered);
    /// Answers with a sentence when the steps do not give the log that the node says it has, or
    /// when two nodes' logs contradict each other.
    [[nodiscard]] std::optional<std::string> stepped(const Step& step, bool witness);

    /// None: not in the log and not the place where it begins.
    [[nodiscard]] std::optional<Link> link(NodeId node, Index index) const;

    /// The first node to agree on an index decides what is agreed.
    void agree(NodeId node, Index from, Index to);
    [[nodiscard]] const Link* agreed(Index index) const;
    [[nodiscard]] Index agreed_to() const { return agreed_.size() - 1; }
    [[nodiscard]] Index base(NodeId node) const { return logs_[node - 1].behind; }

  private:
    struct Log {
        Index behind = 0;
        std::optional<Index> installing{};  // a snapshot up to here is on its way to the disk
        std::vector<Link> links{1};         // the first is what the log begins behind
        [[nodiscard]] Index last() const { return behind + links.size() - 1; }
    };
    /// All that was ever appended at an index.
    struct Known {
        Link link;
        std::uint64_t data = 0;
        bool has_data = false;
    };

    void begin(Log& log, SnapshotMark mark);
    [[nodiscard]] bool append(Log& log, const Entry& entry, bool witness);
    [[nodiscard]] std::vector<Known>& known_at(Index index);

    std::vector<Log> logs_;
    std::vector<std::vector<Known>> known_;
    std::vector<std::optional<Link>> agreed_{1};
};

}  // namespace ftcore::simulation
