// SPDX-License-Identifier: Apache-2.0
#include "harness/load/route.hpp"

namespace faultline {
namespace {

Destination destination_at(const std::vector<SocketAddress>& addresses, std::size_t index) {
    return {addresses[index], index < 0xFF ? static_cast<std::uint8_t>(index) : std::uint8_t{0xFF}};
}

}  // namespace

Result<std::vector<SocketAddress>> resolve_all(const std::vector<Endpoint>& endpoints) {
    std::vector<SocketAddress> addresses;
    addresses.reserve(endpoints.size());
    for (const Endpoint& endpoint : endpoints) {
        FL_TRY(const SocketAddress address, resolve(endpoint.host, endpoint.port));
        addresses.push_back(address);
    }
    return addresses;
}

Result<std::unique_ptr<SpreadRoute>> SpreadRoute::make(const LoadTargets& targets) {
    FL_TRY(auto addresses, resolve_all(targets.endpoints));
    return std::unique_ptr<SpreadRoute>(new SpreadRoute(std::move(addresses), targets.current));
}

std::optional<Destination> SpreadRoute::destination(int connection) {
    const auto number = static_cast<std::size_t>(connection);
    std::size_t index = 0;
    if (current_) {
        const std::vector<int> candidates = current_();
        if (candidates.empty()) return std::nullopt;
        index = static_cast<std::size_t>(candidates[number % candidates.size()]);
    } else {
        if (addresses_.empty()) return std::nullopt;
        index = number % addresses_.size();
    }
    if (index >= addresses_.size()) return std::nullopt;
    return destination_at(addresses_, index);
}

Result<std::unique_ptr<RotatingRoute>> RotatingRoute::make(const std::vector<Endpoint>& endpoints) {
    FL_TRY(auto addresses, resolve_all(endpoints));
    return std::unique_ptr<RotatingRoute>(new RotatingRoute(std::move(addresses)));
}

std::optional<Destination> RotatingRoute::destination(int connection) {
    if (addresses_.empty()) return std::nullopt;
    const auto number = static_cast<std::size_t>(connection);
    if (number >= tries_.size()) tries_.resize(number + 1);
    return destination_at(addresses_, (number + tries_[number]++) % addresses_.size());
}

}  // namespace faultline
