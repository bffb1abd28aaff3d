// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/network.hpp"

#include "tests/simulation/world/draw.hpp"

namespace ftcore::simulation {

Network::Network(const NetworkPlan& plan, std::size_t nodes, Random random)
    : plan_(plan), nodes_(nodes), random_(random), links_(nodes * nodes) {}

Network::Arrivals Network::arrivals(TrueTime now, NodeId from, NodeId to, Counts& counts) {
    Arrivals arrivals;
    Link& way = link(from, to);
    ++counts[Count::messages];
    if (!way.open || (!plan_.ordered && chance(random_, plan_.loss))) {
        ++counts[Count::messages_lost];
        return arrivals;
    }
    const auto arrival = [&] { return now + plan_.delay + around(random_, plan_.jitter); };
    TrueTime first = arrival();
    if (plan_.ordered) first = std::max(first, way.newest + Duration(1));
    way.newest = std::max(way.newest, first);
    arrivals.at[arrivals.count++] = first;
    if (!plan_.ordered && chance(random_, plan_.duplication)) {
        ++counts[Count::messages_doubled];
        arrivals.at[arrivals.count++] = arrival();
    }
    return arrivals;
}

void Network::reset(NodeId a, NodeId b) {
    for (Link* way : {&link(a, b), &link(b, a)}) {
        ++way->connection;
        way->newest = {};
    }
}

void Network::cut(NodeId from, NodeId to, Closing how) {
    link(from, to).open = false;
    link(from, to).holds = how.holds;
}

void Network::hold(Held held, Counts& counts) {
    ++counts[Count::messages];
    if (held_.size() >= held_max) {
        ++counts[Count::messages_lost];
        return;
    }
    ++counts[Count::messages_held];
    held_.push_back(std::move(held));
}

std::vector<Network::Held> Network::take_released() {
    std::vector<Held> released;
    std::vector<Held> kept;
    for (Held& held : held_) {
        const bool free = open(held.message.from, held.message.to);
        (free ? released : kept).push_back(std::move(held));
    }
    held_ = std::move(kept);
    return released;
}

void Network::heal() {
    for (Link& way : links_)
        way.open = true;
}

void Network::calm() {
    heal();
    plan_.loss = 0;
    plan_.duplication = 0;
    plan_.delay = plan_.jitter = std::chrono::microseconds(100);
}

}  // namespace ftcore::simulation
