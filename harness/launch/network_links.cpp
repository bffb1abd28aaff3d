// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/network_links.hpp"

#include <arpa/inet.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>
#include <utility>

#include <fmt/format.h>

#include "harness/base/netlink.hpp"

namespace faultline {
namespace {

// 10.77.block.1 and up. Nothing but our own ends is in these namespaces, so it cannot collide.
constexpr std::uint32_t network_address = (10U << 24) | (77U << 16);
constexpr std::uint8_t network_prefix = 16;
constexpr std::uint32_t ends_per_block = 250;
constexpr std::uint16_t create_new = NLM_F_CREATE | NLM_F_EXCL;

void begin_device(NetlinkMessages& messages,
                  std::uint16_t flags,
                  int index,
                  unsigned device_flags,
                  std::string doing) {
    messages.begin(RTM_NEWLINK, flags, std::move(doing));
    ifinfomsg header{};
    header.ifi_index = index;
    header.ifi_flags = device_flags;
    header.ifi_change = device_flags;
    messages.raw(&header, sizeof header);
}

void raise_device(NetlinkMessages& messages, int index, const std::string& name) {
    begin_device(messages, 0, index, IFF_UP, "raising " + name);
    messages.end();
}

void add_bridge(NetlinkMessages& messages, const std::string& name, NetworkEnd own) {
    begin_device(
        messages, create_new, first_device_index, IFF_UP, "making the bridge of a network");
    messages.put_text(IFLA_IFNAME, name);
    messages.put(IFLA_ADDRESS, own.hardware_address());
    const std::size_t info = messages.begin_nest(IFLA_LINKINFO);
    messages.put_text(IFLA_INFO_KIND, "bridge");
    messages.end_nest(info);
    messages.end();
}

// Both devices of the cable at once, the far one born where it belongs: moving it there afterwards
// would cost tens of milliseconds. It cannot be up before it is plugged in.
void add_cable(NetlinkMessages& messages, const NetworkCable& cable) {
    begin_device(messages, create_new, cable.port_index, IFF_UP, "making the link " + cable.port);
    messages.put_text(IFLA_IFNAME, cable.port);
    messages.put_number(IFLA_MASTER, first_device_index);
    const std::size_t info = messages.begin_nest(IFLA_LINKINFO);
    messages.put_text(IFLA_INFO_KIND, "veth");
    const std::size_t data = messages.begin_nest(IFLA_INFO_DATA);
    const std::size_t peer = messages.begin_nest(VETH_INFO_PEER);
    ifinfomsg header{};
    header.ifi_index = first_device_index;
    messages.raw(&header, sizeof header);
    messages.put_text(IFLA_IFNAME, cable.device);
    messages.put(IFLA_ADDRESS, cable.end.hardware_address());
    messages.put_number(IFLA_NET_NS_FD, static_cast<std::uint32_t>(cable.namespace_fd));
    messages.end_nest(peer);
    messages.end_nest(data);
    messages.end_nest(info);
    messages.end();
}

void add_address(NetlinkMessages& messages, NetworkEnd end) {
    messages.begin(RTM_NEWADDR, create_new, "giving out the address " + end.address_text());
    ifaddrmsg header{};
    header.ifa_family = AF_INET;
    header.ifa_prefixlen = network_prefix;
    header.ifa_index = first_device_index;
    messages.raw(&header, sizeof header);
    messages.put_big(IFA_LOCAL, end.address());
    messages.put_big(IFA_ADDRESS, end.address());
    messages.end();
}

void add_neighbour(NetlinkMessages& messages, NetworkEnd neighbour) {
    messages.begin(RTM_NEWNEIGH,
                   NLM_F_CREATE | NLM_F_REPLACE,
                   "introducing the neighbour " + neighbour.address_text());
    ndmsg header{};
    header.ndm_family = AF_INET;
    header.ndm_ifindex = first_device_index;
    header.ndm_state = NUD_PERMANENT;
    messages.raw(&header, sizeof header);
    messages.put_big(NDA_DST, neighbour.address());
    messages.put(NDA_LLADDR, neighbour.hardware_address());
    messages.end();
}

void add_forwarding(NetlinkMessages& messages, const NetworkCable& cable) {
    messages.begin(
        RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, "nailing an address to the port " + cable.port);
    ndmsg header{};
    header.ndm_family = AF_BRIDGE;
    header.ndm_ifindex = cable.port_index;
    header.ndm_state = NUD_NOARP;  // static, and at the other end of the cable
    header.ndm_flags = NTF_MASTER;
    messages.raw(&header, sizeof header);
    messages.put(NDA_LLADDR, cable.end.hardware_address());
    messages.end();
}

Result<> send_to_router(NetlinkMessages messages) {
    FL_TRY(NetlinkSocket socket, NetlinkSocket::open(NETLINK_ROUTE));
    return socket.send(std::move(messages));
}

}  // namespace

std::uint32_t NetworkEnd::address() const {
    const std::uint32_t index = number - 1;
    // No .0 and no .255, which look like something else to many programs.
    return network_address | (index / ends_per_block) << 8 | (1 + index % ends_per_block);
}

std::string NetworkEnd::address_text() const {
    const std::uint32_t bits = address();
    return fmt::format("{}.{}.{}.{}", bits >> 24, bits >> 16 & 0xff, bits >> 8 & 0xff, bits & 0xff);
}

std::string NetworkEnd::hardware_address() const {
    // The second bit of the first byte: administered locally.
    return {'\x02',
            '\x00',
            '\x0a',
            '\x4d',
            static_cast<char>(number >> 8 & 0xff),
            static_cast<char>(number & 0xff)};
}

Result<> build_switch(const std::string& bridge,
                      NetworkEnd own,
                      const std::vector<NetworkCable>& cables) {
    NetlinkMessages messages;
    raise_device(messages, loopback_index, "lo");
    add_bridge(messages, bridge, own);
    add_address(messages, own);
    for (const NetworkCable& cable : cables) {
        add_cable(messages, cable);
        add_forwarding(messages, cable);
        add_neighbour(messages, cable.end);
    }
    return send_to_router(std::move(messages));
}

Result<> furnish_end(NetworkEnd own, const std::vector<NetworkEnd>& neighbours) {
    NetlinkMessages messages;
    raise_device(messages, loopback_index, "lo");
    raise_device(messages, first_device_index, "the device of " + own.address_text());
    add_address(messages, own);
    for (const NetworkEnd& neighbour : neighbours) {
        if (neighbour.number != own.number) add_neighbour(messages, neighbour);
    }
    return send_to_router(std::move(messages));
}

Result<> raise_loopback() {
    NetlinkMessages messages;
    raise_device(messages, loopback_index, "lo");
    return send_to_router(std::move(messages));
}

Result<bool> switch_is_ready(const std::vector<NetworkCable>& cables) {
    NetlinkMessages question;
    question.begin(RTM_GETLINK, NLM_F_DUMP, "looking at the ports of a bridge");
    ifinfomsg header{};
    header.ifi_family = AF_BRIDGE;
    question.raw(&header, sizeof header);
    question.end();
    FL_TRY(NetlinkSocket socket, NetlinkSocket::open(NETLINK_ROUTE));
    FL_TRY(const auto answers, socket.ask(std::move(question)));
    std::size_t forwarding = 0;
    for (const NetlinkAnswer& answer : answers) {
        if (answer.bytes.size() < sizeof(ifinfomsg)) continue;
        const auto attributes = std::string_view(answer.bytes).substr(sizeof(ifinfomsg));
        const auto port = netlink_attribute(attributes, IFLA_PROTINFO);
        const auto state = netlink_attribute(port, IFLA_BRPORT_STATE);
        if (!state.empty() && state.front() == BR_STATE_FORWARDING) ++forwarding;
    }
    return forwarding >= cables.size();
}

}  // namespace faultline
