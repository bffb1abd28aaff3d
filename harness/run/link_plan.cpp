// SPDX-License-Identifier: Apache-2.0
#include "harness/run/link_plan.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

constexpr auto no_entrance = static_cast<std::size_t>(-1);

std::vector<std::string> ends_of(const std::string& target, const Scenario& scenario) {
    if (target == load_end) return {std::string(load_end)};
    const Target* found = find_target(scenario, target);
    FL_CHECK(found != nullptr);
    std::vector<std::string> ends;
    for (std::size_t i = 0; i < found->instances.size(); ++i)
        ends.push_back(instance_name(target, static_cast<int>(i)));
    return ends;
}

}  // namespace

LinkPlan::LinkPlan(const Scenario& scenario)
    : LinkPlan(scenario, [](const LinkSpec&) { return true; }) {}

LinkPlan::LinkPlan(const Scenario& scenario, const std::function<bool(const LinkSpec&)>& proxied) {
    std::map<std::pair<std::string, std::string>, std::size_t> shared;  // place → entrance
    for (const LinkSpec& spec : scenario.links) {
        const bool has_proxies = proxied(spec);
        for (const std::string& from : ends_of(spec.from, scenario)) {
            for (const std::string& to : ends_of(spec.to, scenario)) {
                if (from == to) continue;
                links_.push_back({.name = fmt::format("{}->{}.{}", from, to, spec.port),
                                  .from = from,
                                  .to = to,
                                  .port = spec.port,
                                  .shared = spec.shared,
                                  .proxied = has_proxies});
                if (!has_proxies) {
                    entrance_of_.push_back(no_entrance);
                    continue;
                }
                const auto known = shared.find({to, spec.port});
                if (spec.shared && known != shared.end()) {
                    entrance_of_.push_back(known->second);
                    continue;
                }
                if (spec.shared) shared[{to, spec.port}] = entrances_;
                entrance_of_.push_back(entrances_++);
            }
        }
    }
}

void LinkPlan::take_ports(const std::vector<std::uint16_t>& ports, std::size_t first) {
    FL_CHECK_OP(<=, first + entrances_, ports.size());
    for (std::size_t i = 0; i < links_.size(); ++i) {
        if (entrance_of_[i] == no_entrance) continue;
        links_[i].listen = ports[first + entrance_of_[i]];
    }
}

std::optional<std::uint16_t> LinkPlan::port_to(const std::string& from,
                                               const std::string& to,
                                               const std::string& port) const {
    std::optional<std::uint16_t> everyones;
    for (const PlannedLink& link : links_) {
        if (!link.proxied || link.to != to || link.port != port) continue;
        if (link.from == from) return link.listen;
        if (link.shared) everyones = link.listen;
    }
    // The load finds its way by itself, and would pass a link that is not its own without effects.
    return from == load_end ? std::nullopt : everyones;
}

}  // namespace faultline
