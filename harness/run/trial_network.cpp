// SPDX-License-Identifier: Apache-2.0
#include "harness/run/trial_network.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "harness/run/catalog.hpp"

namespace faultline {
namespace {

/// Whether links of this kind are among those that a selector may mean, whoever holds which role.
bool may_mean(const LinkSelector& selector, const LinkSpec& link) {
    if (selector.remembered) return true;  // whatever an earlier injection has hit
    if (!selector.port.empty() && selector.port != link.port) return false;
    const auto may_be = [](const Selector& end, const std::string& target) {
        return end.remembered || end.target == target;
    };
    const bool forward = may_be(selector.from, link.from) && may_be(selector.to, link.to);
    const bool backward = may_be(selector.from, link.to) && may_be(selector.to, link.from);
    return forward || (selector.both && backward);
}

}  // namespace

TrialNetwork::TrialNetwork(std::unique_ptr<NetworkFabric> fabric,
                           std::unique_ptr<NftNetwork> packets,
                           InNetworkNamespace at_observer)
    : fabric_(std::move(fabric)),
      packets_(std::move(packets)),
      at_observer_(std::move(at_observer)) {}

Result<std::unique_ptr<TrialNetwork>> TrialNetwork::create(const Scenario& scenario) {
    std::vector<std::string> ends{std::string(load_end)};
    for (const Target& target : scenario.targets) {
        for (std::size_t i = 0; i < target.instances.size(); ++i)
            ends.push_back(instance_name(target.name, static_cast<int>(i)));
    }
    FL_TRY(auto fabric, NetworkFabric::create(ends));
    FL_TRY(auto packets,
           NftNetwork::create(fabric->namespace_fd(NetworkFabric::switch_end), fabric->ports()));
    FL_TRY(auto at_observer, fabric->enter(NetworkFabric::observer_end));
    return std::unique_ptr<TrialNetwork>(
        new TrialNetwork(std::move(fabric), std::move(packets), std::move(at_observer)));
}

bool needs_proxy(const FaultSpec& fault) {
    const Kind* kind = find_kind(full_catalog().faults, fault.kind);
    if (kind == nullptr || !kind->on_links) return false;
    // A partition that resets connections is told from one that drops packets by its mode.
    return !kind->kernel_can || fault.parameters.find<std::string>("mode") == "reset";
}

bool needs_proxy(const LinkSpec& link, const Scenario& scenario) {
    return std::any_of(
        scenario.faults.begin(), scenario.faults.end(), [&link](const FaultSpec& fault) {
            return fault.link && needs_proxy(fault) && may_mean(*fault.link, link);
        });
}

}  // namespace faultline
