// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "harness/inject/link/kernel_network.hpp"
#include "harness/launch/network_fabric.hpp"
#include "harness/scenario/model.hpp"

namespace faultline {

/// The network of a trial under isolation "netns": an end for each instance and one for the load.
/// While it lives, the trial's thread looks on from the observer's end, which nothing cuts off: the
/// probes are there, and whatever it starts without saying where.
/// Thread: the trial's makes and destroys it; the accessors any.
class TrialNetwork {
  public:
    /// Errors: as `NetworkFabric::create` and `NftNetwork::create`.
    [[nodiscard]] static Result<std::unique_ptr<TrialNetwork>> create(const Scenario& scenario);

    [[nodiscard]] const NetworkFabric& fabric() const { return *fabric_; }
    [[nodiscard]] KernelNetwork& packets() const { return *packets_; }

  private:
    TrialNetwork(std::unique_ptr<NetworkFabric> fabric,
                 std::unique_ptr<NftNetwork> packets,
                 InNetworkNamespace at_observer);

    std::unique_ptr<NetworkFabric> fabric_;
    std::unique_ptr<NftNetwork> packets_;
    InNetworkNamespace at_observer_;
};

/// Whether a fault on links needs a proxy where the kernel carries them: it looks at bytes, or ends
/// connections, and the kernel only drops packets.
[[nodiscard]] bool needs_proxy(const FaultSpec& fault);

/// Whether some fault of the scenario that needs a proxy may be put on such a link.
[[nodiscard]] bool needs_proxy(const LinkSpec& link, const Scenario& scenario);

}  // namespace faultline
