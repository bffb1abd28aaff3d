// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/network_namespace.hpp"
#include "harness/base/result.hpp"
#include "harness/launch/network_links.hpp"

namespace faultline {

/// A small network of its own, one namespace per end:
///
///   kv[0]   kv[1]   load   observer      each: lo, eth0 with an address
///     └───────┴──┬────┴───────┘          cables (veth)
///             switch                     bridge; where packets are dropped
///
/// Nothing is made in the namespace of the machine, and nothing but descriptors and the processes
/// inside hold it: when those are gone the kernel takes everything away. There is no undo record
/// because there is nothing to undo.
/// Thread: any, one at a time; the accessors any.
class NetworkFabric {
  public:
    /// The namespace of the bridge, and the end that the harness looks on from; both always there.
    static inline const std::string switch_end = "switch";
    static inline const std::string observer_end = "observer";
    static constexpr std::size_t ends_max = 1000;  // a bridge takes 1023 ports

    /// Makes `ends` (names as of instances: "kv[0]"; "load"), the observer and the switch, and
    /// returns when frames pass. Errors: `permission` without the rights; `invalid` for too many
    /// ends or one name twice; what the kernel lacks (veth, bridge), with the step that failed.
    [[nodiscard]] static Result<std::unique_ptr<NetworkFabric>> create(
        const std::vector<std::string>& ends);
    NetworkFabric(const NetworkFabric&) = delete;
    NetworkFabric& operator=(const NetworkFabric&) = delete;

    [[nodiscard]] bool has(const std::string& end) const { return places_.contains(end); }
    /// Requires, for these: `has(end)`. The descriptor lives as long as the fabric.
    [[nodiscard]] int namespace_fd(const std::string& end) const;
    [[nodiscard]] std::string address(const std::string& end) const;  // "10.77.0.3"
    /// Who has an address; absent: nobody here.
    [[nodiscard]] std::optional<std::string> end_at(const std::string& address) const;
    /// The calling thread is at that end until the value is destroyed.
    [[nodiscard]] Result<InNetworkNamespace> enter(const std::string& end) const;

    /// Devices of the bridge by end, the observer's left out: whoever drops packets needs them,
    /// and the observer must see everything.
    [[nodiscard]] std::map<std::string, std::string> ports() const;

  private:
    struct Place {
        UniqueFd fd;
        NetworkEnd end;
        std::string port;  // empty for the switch
    };
    NetworkFabric() = default;
    [[nodiscard]] Result<> add_place(const std::string& name, std::string port);
    [[nodiscard]] Result<> connect();
    [[nodiscard]] const Place& place(const std::string& end) const;

    std::map<std::string, Place> places_;
};

}  // namespace faultline
