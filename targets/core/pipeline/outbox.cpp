// SPDX-License-Identifier: Apache-2.0
#include "targets/core/pipeline/outbox.hpp"

#include <fmt/format.h>

namespace ftcore {

void Outbox::emit(Instant now, std::string_view name, EventFields fields) {
    if (events_.size() == events_max) events_.erase(events_.begin());
    events_.push_back({now, std::string(name), std::move(fields)});
}

std::uint64_t Outbox::act(ActionBody what) {
    actions_.push_back({++last_id_, std::move(what)});
    return last_id_;
}

std::string Outbox::name(NodeId id) const {
    const auto found = names_.find(id);
    return found != names_.end() ? found->second : fmt::format("node {}", id);
}

}  // namespace ftcore
