// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/launch_order.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace faultline {
namespace {

struct Waiting {
    std::vector<std::size_t> followers{};  // who waits for this one
    std::size_t open = 0;                  // how many it still waits for
};

/// "a -> b -> a" from a target that can never start: each waits for the next.
void report_circle(const std::vector<Target>& targets,
                   const std::map<std::string, std::size_t>& index,
                   const std::vector<Waiting>& waiting,
                   const Node& node,
                   Mistakes& mistakes) {
    const auto stuck = [&](std::size_t i) { return waiting[i].open > 0; };
    std::size_t at = 0;
    while (!stuck(at))
        ++at;
    std::vector<std::size_t> path;
    while (std::find(path.begin(), path.end(), at) == path.end()) {
        path.push_back(at);
        const auto& after = targets[at].after;
        at = index.at(*std::find_if(after.begin(), after.end(), [&](const std::string& name) {
            return stuck(index.at(name));
        }));
    }
    std::string circle;
    for (auto step = std::find(path.begin(), path.end(), at); step != path.end(); ++step) {
        circle += targets[*step].name + " -> ";
    }
    const Node* after = node.find(targets[at].name)->find("after");
    mistakes.add(after->place, "\"after\" goes in a circle: " + circle + targets[at].name);
}

}  // namespace

std::vector<Target> in_launch_order(std::vector<Target> targets,
                                    const Node& node,
                                    Mistakes& mistakes) {
    std::map<std::string, std::size_t> index;
    for (std::size_t i = 0; i < targets.size(); ++i)
        index.emplace(targets[i].name, i);
    std::vector<Waiting> waiting(targets.size());
    std::set<std::size_t> startable;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        for (const std::string& name : targets[i].after)
            waiting[index.at(name)].followers.push_back(i);
        waiting[i].open = targets[i].after.size();
        if (waiting[i].open == 0) startable.insert(i);
    }
    std::vector<std::size_t> order;
    while (!startable.empty()) {
        const std::size_t next = *startable.begin();
        startable.erase(startable.begin());
        order.push_back(next);
        for (const std::size_t follower : waiting[next].followers) {
            if (--waiting[follower].open == 0) startable.insert(follower);
        }
    }
    if (order.size() < targets.size()) {
        report_circle(targets, index, waiting, node, mistakes);
        return targets;
    }
    std::vector<Target> ordered;
    for (const std::size_t i : order)
        ordered.push_back(std::move(targets[i]));
    return ordered;
}

}  // namespace faultline
