// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/network_fabric.hpp"

#include <thread>
#include <utility>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/base/time.hpp"

namespace faultline {
namespace {

constexpr const char* bridge_name = "switch";
constexpr const char* device_name = "eth0";
constexpr int first_port_index = first_device_index + 1;
// The kernel notices a plugged cable within a few milliseconds.
constexpr Duration ready_patience = std::chrono::seconds(10);
constexpr Duration ready_period = std::chrono::microseconds(200);

Result<> await_ready(const std::vector<NetworkCable>& cables) {
    const Instant deadline = now() + ready_patience;
    for (;;) {
        FL_TRY(const bool ready, switch_is_ready(cables));
        if (ready) return {};
        if (now() >= deadline) {
            return fail(
                fmt::format("the network of {} ends carried no frames within 10 s", cables.size()),
                ErrorCode::timeout);
        }
        std::this_thread::sleep_for(ready_period);
    }
}

}  // namespace

Result<std::unique_ptr<NetworkFabric>> NetworkFabric::create(const std::vector<std::string>& ends) {
    if (ends.size() > ends_max) {
        return fail(fmt::format("a network of {} ends; at most {} are possible; use fewer "
                                "instances, or isolation \"process\"",
                                ends.size(),
                                ends_max),
                    ErrorCode::invalid);
    }
    std::unique_ptr<NetworkFabric> fabric(new NetworkFabric);
    FL_TRY_VOID(fabric->add_place(switch_end, ""));
    FL_TRY_VOID(fabric->add_place(observer_end, "port0"));
    for (std::size_t i = 0; i < ends.size(); ++i) {
        FL_TRY_VOID(fabric->add_place(ends[i], fmt::format("port{}", i + 1)));
    }
    FL_TRY_VOID(fabric->connect());
    return fabric;
}

Result<> NetworkFabric::add_place(const std::string& name, std::string port) {
    if (has(name)) return fail("two ends of a network are called " + name, ErrorCode::invalid);
    Place made;
    FL_TRY(made.fd, make_network_namespace());
    made.end.number = static_cast<std::uint32_t>(places_.size() + 1);
    made.port = std::move(port);
    places_.emplace(name, std::move(made));
    return {};
}

Result<> NetworkFabric::connect() {
    std::vector<NetworkCable> cables;
    std::vector<NetworkEnd> everyone;
    for (const auto& [name, found] : places_) {
        everyone.push_back(found.end);
        if (found.port.empty()) continue;
        cables.push_back({.port = found.port,
                          .port_index = first_port_index + static_cast<int>(cables.size()),
                          .namespace_fd = found.fd.get(),
                          .device = device_name,
                          .end = found.end});
    }
    FL_TRY(const auto inside, enter(switch_end));
    FL_TRY_VOID(build_switch(bridge_name, place(switch_end).end, cables));
    for (const NetworkCable& cable : cables) {
        FL_TRY(const auto there, InNetworkNamespace::enter(cable.namespace_fd));
        FL_TRY_VOID(furnish_end(cable.end, everyone));
    }
    return await_ready(cables);
}

const NetworkFabric::Place& NetworkFabric::place(const std::string& end) const {
    const auto found = places_.find(end);
    FL_CHECK(found != places_.end());
    return found->second;
}

int NetworkFabric::namespace_fd(const std::string& end) const {
    return place(end).fd.get();
}

std::string NetworkFabric::address(const std::string& end) const {
    return place(end).end.address_text();
}

std::optional<std::string> NetworkFabric::end_at(const std::string& address) const {
    for (const auto& [name, found] : places_) {
        if (found.end.address_text() == address) return name;
    }
    return std::nullopt;
}

Result<InNetworkNamespace> NetworkFabric::enter(const std::string& end) const {
    auto inside = InNetworkNamespace::enter(namespace_fd(end));
    if (!inside) return in_context("network of " + end, inside.error());
    return inside;
}

std::map<std::string, std::string> NetworkFabric::ports() const {
    std::map<std::string, std::string> ports;
    for (const auto& [name, found] : places_) {
        if (name != switch_end && name != observer_end) ports[name] = found.port;
    }
    return ports;
}

}  // namespace faultline
