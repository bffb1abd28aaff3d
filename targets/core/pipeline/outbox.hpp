// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "targets/core/pipeline/event.hpp"
#include "targets/core/repair/action.hpp"

namespace ftcore {

/// Where every stage puts its events and actions; knows the names of the nodes.
class Outbox {
  public:
    explicit Outbox(std::map<NodeId, std::string> names) : names_(std::move(names)) {}

    void emit(Instant now, std::string_view name, EventFields fields);
    /// The id by which `ActionDone` will answer.
    std::uint64_t act(ActionBody what);

    /// "kv[0]", or "node 3" where nobody named it.
    [[nodiscard]] std::string name(NodeId id) const;

    [[nodiscard]] std::vector<Action> take_actions() { return std::exchange(actions_, {}); }
    [[nodiscard]] std::vector<PipelineEvent> take_events() { return std::exchange(events_, {}); }

    /// More than so many that nobody takes are dropped, oldest first: a stuck owner must not fill
    /// the memory.
    static constexpr std::size_t events_max = 4096;

  private:
    std::map<NodeId, std::string> names_;
    std::uint64_t last_id_ = 0;
    std::vector<Action> actions_{};
    std::vector<PipelineEvent> events_{};
};

}  // namespace ftcore
