// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/result.hpp"

namespace faultline {

/// Index of `lo` in every network namespace, and of whatever is made next there.
constexpr int loopback_index = 1;
constexpr int first_device_index = 2;

/// An end of the network as its neighbours see it. `number` (1 and up) makes both addresses.
struct NetworkEnd {
    std::uint32_t number = 0;

    [[nodiscard]] std::uint32_t address() const;  // in the machine's order
    [[nodiscard]] std::string address_text() const;
    [[nodiscard]] std::string hardware_address() const;  // 6 bytes
};

/// A port of the switch and the device at the other end of its cable.
struct NetworkCable {
    std::string port;       // the device in the switch
    int port_index = 0;     // of the same
    int namespace_fd = -1;  // where `device` is made, as its first one
    std::string device;     // "eth0"
    NetworkEnd end;
};

/// In the namespace of the switch: the bridge `bridge` with its own address, and every cable
/// plugged in and up. Each hardware address is nailed to its port, so that nothing is flooded.
[[nodiscard]] Result<> build_switch(const std::string& bridge,
                                    NetworkEnd own,
                                    const std::vector<NetworkCable>& cables);

/// In the namespace of an end: `lo` up, its device with its address, and the neighbours known by
/// heart: a question for an address that a partition swallows would be repeated only after a
/// second, which a recovery would then seem to take.
[[nodiscard]] Result<> furnish_end(NetworkEnd own, const std::vector<NetworkEnd>& neighbours);

/// In the current namespace: `lo` up.
[[nodiscard]] Result<> raise_loopback();

/// Whether every cable of the switch carries frames. Requires: the namespace of the switch.
[[nodiscard]] Result<bool> switch_is_ready(const std::vector<NetworkCable>& cables);

}  // namespace faultline
