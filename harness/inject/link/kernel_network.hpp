// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "harness/base/netlink.hpp"
#include "harness/inject/link/link_victim.hpp"
#include "harness/inject/link/packet_filter.hpp"

namespace faultline {

/// A network whose packets all pass a bridge, where the kernel drops them: ends have a namespace
/// each, and a cable to the bridge. What is dropped is dropped for established connections too,
/// and for every protocol; what an end says to itself never comes by.
/// IPv6 is not offered there: ends have no such addresses, and what the kernel tells neighbours on
/// its own would be counted as dropped.
/// Thread: any; one change at a time, the others wait.
class NftNetwork final : public KernelNetwork {
  public:
    /// `switch_fd`: the namespace of the bridge; not kept. `ports`: the device of the bridge for
    /// each end that can be cut off. Errors: what this kernel lacks (nf_tables for bridges).
    [[nodiscard]] static Result<std::unique_ptr<NftNetwork>> create(
        int switch_fd, std::map<std::string, std::string> ports);

    [[nodiscard]] Result<> cut(const std::vector<Path>& paths) override;
    [[nodiscard]] Result<> heal(const std::vector<Path>& paths) override;
    [[nodiscard]] Result<> lose(const std::vector<Path>& paths, double share) override;
    [[nodiscard]] Result<std::uint64_t> dropped(const Path& path) override;
    [[nodiscard]] std::string mechanism() const override;

  private:
    NftNetwork(NetlinkSocket socket, std::map<std::string, std::string> ports);
    [[nodiscard]] Result<> lay_out();
    [[nodiscard]] Result<BridgePath> bridge_path(const Path& path) const;
    /// What lies between two different ends, each once.
    [[nodiscard]] Result<std::map<Path, BridgePath>> known(const std::vector<Path>& paths) const;
    void count(PacketFilterChange& change, const std::map<Path, BridgePath>& paths) const;

    std::mutex mutex_;
    NetlinkSocket socket_;
    const std::map<std::string, std::string> ports_;
    std::map<Path, int> cuts_;              // how often each is cut
    std::map<Path, std::uint32_t> losses_;  // share that each loses, in a billion
    std::set<std::uint32_t> shares_;        // those that have a set and a rule
    std::set<Path> counted_;                // those that have a counter
};

}  // namespace faultline
