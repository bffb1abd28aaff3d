// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "harness/base/netlink.hpp"
#include "harness/base/result.hpp"

namespace faultline {

/// From which device of a bridge to which other: what a packet is judged by.
struct BridgePath {
    std::string in;
    std::string out;
};

/// One transaction on a packet filter in the kernel (nf_tables), for bridges: all its steps take
/// effect together, or none. We speak netlink ourselves: the library that exists for it is under
/// the GPL, and puts a parser and a cache between the injector and the kernel.
///
///   packet ─► chain ─► rule: is its path in the set? ─► count it under the path's name, drop it
///                                      └── no ─► next rule ... ─► pass
///
/// Source: nft(8); linux/netfilter/nf_tables.h.
class PacketFilterChange {
  public:
    explicit PacketFilterChange(std::string table);

    void add_table();
    /// Sees every packet that the bridge passes on. What is not dropped passes.
    void add_chain(const std::string& chain);
    /// A set of paths.
    void add_set(const std::string& set);
    /// Which counter belongs to a path.
    void add_counters(const std::string& counters);

    void add_path(const std::string& set, const BridgePath& path);
    void remove_path(const std::string& set, const BridgePath& path);
    void add_counter(const std::string& counters,
                     const BridgePath& path,
                     const std::string& counter);

    /// Drops, and counts, packets whose path is in `set`: `share_ppb` of a billion of them, by
    /// chance. Requires: every path in the set has a counter.
    void drop_paths(const std::string& chain,
                    const std::string& set,
                    const std::string& counters,
                    std::uint32_t share_ppb);
    /// Drops packets of a protocol (ETH_P_IPV6), uncounted.
    void drop_protocol(const std::string& chain, std::uint16_t protocol);

    /// Errors: the first step that the kernel refuses; nothing has changed then.
    [[nodiscard]] Result<> commit(NetlinkSocket& socket);

    static constexpr std::uint32_t all_ppb = 1'000'000'000;

  private:
    void begin(std::uint16_t type, std::uint16_t flags, const std::string& doing);
    void begin_element(std::uint16_t type,
                       std::uint16_t flags,
                       const std::string& set,
                       const BridgePath& path,
                       const std::string& counter);
    void add_set(const std::string& set, bool counters);

    std::string table_;
    NetlinkMessages messages_;
    std::size_t steps_ = 0;
    std::uint32_t next_set_id_ = 1;
};

/// Packets counted so far under a counter of a table.
[[nodiscard]] Result<std::uint64_t> counted_packets(NetlinkSocket& socket,
                                                    const std::string& table,
                                                    const std::string& counter);

}  // namespace faultline
