// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kernel_network.hpp"

#include <algorithm>
#include <cmath>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <utility>

#include <fmt/format.h>

#include "harness/base/network_namespace.hpp"

namespace faultline {
namespace {

constexpr const char* table = "faultline";
constexpr const char* chain = "between";
constexpr const char* cut_set = "cut";
constexpr const char* counters = "counters";

std::string loss_set(std::uint32_t share_ppb) {
    return fmt::format("lose_{}_ppb", share_ppb);
}

std::string counter_of(const BridgePath& path) {
    return path.in + "_" + path.out;
}

}  // namespace

NftNetwork::NftNetwork(NetlinkSocket socket, std::map<std::string, std::string> ports)
    : socket_(std::move(socket)), ports_(std::move(ports)) {}

Result<std::unique_ptr<NftNetwork>> NftNetwork::create(int switch_fd,
                                                       std::map<std::string, std::string> ports) {
    // The socket stays in the namespace it is opened in; nobody needs to enter it again.
    FL_TRY(const auto inside, InNetworkNamespace::enter(switch_fd));
    FL_TRY(NetlinkSocket socket, NetlinkSocket::open(NETLINK_NETFILTER));
    std::unique_ptr<NftNetwork> network(new NftNetwork(std::move(socket), std::move(ports)));
    if (auto laid = network->lay_out(); !laid)
        return in_context("nftables for bridges does not work on this kernel", laid.error());
    return network;
}

Result<> NftNetwork::lay_out() {
    PacketFilterChange change(table);
    change.add_table();
    change.add_chain(chain);
    change.add_set(cut_set);
    change.add_counters(counters);
    change.drop_protocol(chain, ETH_P_IPV6);
    change.drop_paths(chain, cut_set, counters, PacketFilterChange::all_ppb);
    return change.commit(socket_);
}

Result<BridgePath> NftNetwork::bridge_path(const Path& path) const {
    const auto from = ports_.find(path.from);
    const auto to = ports_.find(path.to);
    if (from == ports_.end() || to == ports_.end())
        return fail(fmt::format("nothing called {} can be cut off in this network",
                                from == ports_.end() ? path.from : path.to),
                    ErrorCode::not_found);
    return BridgePath{from->second, to->second};
}

Result<std::map<KernelNetwork::Path, BridgePath>> NftNetwork::known(
    const std::vector<Path>& paths) const {
    std::map<Path, BridgePath> found;
    for (const Path& path : paths) {
        FL_TRY(BridgePath on_bridge, bridge_path(path));
        if (path.from != path.to) found.emplace(path, std::move(on_bridge));
    }
    return found;
}

void NftNetwork::count(PacketFilterChange& change, const std::map<Path, BridgePath>& paths) const {
    for (const auto& [path, on_bridge] : paths) {
        if (!counted_.contains(path))
            change.add_counter(counters, on_bridge, counter_of(on_bridge));
    }
}

Result<> NftNetwork::cut(const std::vector<Path>& paths) {
    const std::lock_guard lock(mutex_);
    FL_TRY(const auto found, known(paths));
    PacketFilterChange change(table);
    count(change, found);
    for (const auto& [path, on_bridge] : found) {
        if (!cuts_.contains(path)) change.add_path(cut_set, on_bridge);
    }
    FL_TRY_VOID(change.commit(socket_));
    for (const auto& [path, on_bridge] : found) {
        counted_.insert(path);
        ++cuts_[path];
    }
    return {};
}

Result<> NftNetwork::heal(const std::vector<Path>& paths) {
    const std::lock_guard lock(mutex_);
    FL_TRY(const auto found, known(paths));
    PacketFilterChange change(table);
    for (const auto& [path, on_bridge] : found) {
        const auto cut = cuts_.find(path);
        if (cut != cuts_.end() && cut->second == 1) change.remove_path(cut_set, on_bridge);
    }
    FL_TRY_VOID(change.commit(socket_));
    for (const auto& [path, on_bridge] : found) {
        const auto cut = cuts_.find(path);
        if (cut != cuts_.end() && --cut->second == 0) cuts_.erase(cut);
    }
    return {};
}

Result<> NftNetwork::lose(const std::vector<Path>& paths, double share) {
    const std::lock_guard lock(mutex_);
    FL_TRY(const auto found, known(paths));
    const auto ppb = static_cast<std::uint32_t>(
        std::lround(std::clamp(share, 0.0, 1.0) * PacketFilterChange::all_ppb));
    PacketFilterChange change(table);
    count(change, found);
    if (ppb > 0 && !shares_.contains(ppb)) {
        change.add_set(loss_set(ppb));
        change.drop_paths(chain, loss_set(ppb), counters, ppb);
    }
    for (const auto& [path, on_bridge] : found) {
        const auto before = losses_.find(path);
        const bool loses = before != losses_.end();
        if (loses && before->second == ppb) continue;
        if (loses) change.remove_path(loss_set(before->second), on_bridge);
        if (ppb > 0) change.add_path(loss_set(ppb), on_bridge);
    }
    FL_TRY_VOID(change.commit(socket_));
    if (ppb > 0) shares_.insert(ppb);
    for (const auto& [path, on_bridge] : found) {
        counted_.insert(path);
        if (ppb > 0) {
            losses_[path] = ppb;
        } else {
            losses_.erase(path);
        }
    }
    return {};
}

Result<std::uint64_t> NftNetwork::dropped(const Path& path) {
    const std::lock_guard lock(mutex_);
    FL_TRY(const BridgePath on_bridge, bridge_path(path));
    if (!counted_.contains(path)) return 0;
    return counted_packets(socket_, table, counter_of(on_bridge));
}

std::string NftNetwork::mechanism() const {
    return "nftables on the bridge between network namespaces";
}

}  // namespace faultline
