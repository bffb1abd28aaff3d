// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/packet_filter.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_bridge.h>
#include <linux/netlink.h>
#include <utility>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

// Two device names of 16 bytes each, side by side in the registers and in the keys of sets.
constexpr std::uint32_t in_register = NFT_REG_1;
constexpr std::uint32_t out_register = NFT_REG_2;
constexpr std::uint32_t key_bytes = 2 * IFNAMSIZ;
// What the key means; only for people who list it with nft(8).
constexpr std::uint32_t nft_type_ifname = 41;
constexpr std::uint32_t key_type = nft_type_ifname << 6 | nft_type_ifname;
constexpr std::uint32_t before_others = 0;  // priority; nobody else is there

void put_family(NetlinkMessages& messages, std::uint8_t family, std::uint16_t subsystem) {
    nfgenmsg header{};
    header.nfgen_family = family;
    header.version = NFNETLINK_V0;
    header.res_id = htons(subsystem);
    messages.raw(&header, sizeof header);
}

void add_bracket(NetlinkMessages& messages, std::uint16_t type) {
    messages.begin(type, 0, "opening a transaction of the packet filter");
    put_family(messages, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
    messages.end();
}

constexpr std::uint16_t filter_message(std::uint16_t type) {
    return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type);
}

std::string key_of(const BridgePath& path) {
    std::string key(key_bytes, '\0');
    FL_CHECK_OP(<, path.in.size(), std::size_t{IFNAMSIZ});
    FL_CHECK_OP(<, path.out.size(), std::size_t{IFNAMSIZ});
    path.in.copy(key.data(), path.in.size());
    path.out.copy(key.data() + IFNAMSIZ, path.out.size());
    return key;
}

/// Writes the expressions of a rule, in the order in which a packet meets them.
class RuleWriter {
  public:
    explicit RuleWriter(NetlinkMessages& messages)
        : messages_(messages), list_(messages.begin_nest(NFTA_RULE_EXPRESSIONS)) {}
    ~RuleWriter() { messages_.end_nest(list_); }
    RuleWriter(const RuleWriter&) = delete;
    RuleWriter& operator=(const RuleWriter&) = delete;

    void load_meta(std::uint32_t key, std::uint32_t to) {
        expression("meta", [&] {
            messages_.put_big(NFTA_META_KEY, key);
            messages_.put_big(NFTA_META_DREG, to);
        });
    }
    void load_path() {
        load_meta(NFT_META_IIFNAME, in_register);
        load_meta(NFT_META_OIFNAME, out_register);
    }
    void continue_if_in(const std::string& set) {
        expression("lookup", [&] {
            messages_.put_text(NFTA_LOOKUP_SET, set);
            messages_.put_big(NFTA_LOOKUP_SREG, in_register);
        });
    }
    /// Overwrites the first register.
    void continue_by_chance(std::uint32_t share_ppb) {
        expression("numgen", [&] {
            messages_.put_big(NFTA_NG_DREG, in_register);
            messages_.put_big(NFTA_NG_MODULUS, PacketFilterChange::all_ppb);
            messages_.put_big(NFTA_NG_TYPE, NFT_NG_RANDOM);
        });
        expression("byteorder", [&] {  // numbers are compared as bytes
            messages_.put_big(NFTA_BYTEORDER_SREG, in_register);
            messages_.put_big(NFTA_BYTEORDER_DREG, in_register);
            messages_.put_big(NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON);
            messages_.put_big(NFTA_BYTEORDER_LEN, sizeof(std::uint32_t));
            messages_.put_big(NFTA_BYTEORDER_SIZE, sizeof(std::uint32_t));
        });
        const std::uint32_t bound = htonl(share_ppb);
        compare(NFT_CMP_LT, &bound, sizeof bound);
    }
    void compare(std::uint32_t operation, const void* value, std::size_t bytes) {
        expression("cmp", [&] {
            messages_.put_big(NFTA_CMP_SREG, in_register);
            messages_.put_big(NFTA_CMP_OP, operation);
            const std::size_t data = messages_.begin_nest(NFTA_CMP_DATA);
            messages_.put(NFTA_DATA_VALUE,
                          std::string_view(static_cast<const char*>(value), bytes));
            messages_.end_nest(data);
        });
    }
    void count(const std::string& counters) {
        expression("objref", [&] {
            messages_.put_big(NFTA_OBJREF_SET_SREG, in_register);
            messages_.put_text(NFTA_OBJREF_SET_NAME, counters);
        });
    }
    void drop() {
        expression("immediate", [&] {
            messages_.put_big(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
            const std::size_t data = messages_.begin_nest(NFTA_IMMEDIATE_DATA);
            const std::size_t verdict = messages_.begin_nest(NFTA_DATA_VERDICT);
            messages_.put_big(NFTA_VERDICT_CODE, NF_DROP);
            messages_.end_nest(verdict);
            messages_.end_nest(data);
        });
    }

  private:
    template <class Write>
    void expression(const std::string& name, Write write) {
        const std::size_t element = messages_.begin_nest(NFTA_LIST_ELEM);
        messages_.put_text(NFTA_EXPR_NAME, name);
        const std::size_t data = messages_.begin_nest(NFTA_EXPR_DATA);
        write();
        messages_.end_nest(data);
        messages_.end_nest(element);
    }

    NetlinkMessages& messages_;
    std::size_t list_;
};

}  // namespace

PacketFilterChange::PacketFilterChange(std::string table) : table_(std::move(table)) {
    add_bracket(messages_, NFNL_MSG_BATCH_BEGIN);
}

void PacketFilterChange::begin(std::uint16_t type, std::uint16_t flags, const std::string& doing) {
    messages_.begin(filter_message(type), flags, "packet filter: " + doing);
    put_family(messages_, NFPROTO_BRIDGE, 0);
    ++steps_;
}

void PacketFilterChange::add_table() {
    begin(NFT_MSG_NEWTABLE, NLM_F_CREATE, "making the table " + table_);
    messages_.put_text(NFTA_TABLE_NAME, table_);
    messages_.end();
}

void PacketFilterChange::add_chain(const std::string& chain) {
    begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE, "making the chain " + chain);
    messages_.put_text(NFTA_CHAIN_TABLE, table_);
    messages_.put_text(NFTA_CHAIN_NAME, chain);
    const std::size_t hook = messages_.begin_nest(NFTA_CHAIN_HOOK);
    messages_.put_big(NFTA_HOOK_HOOKNUM, NF_BR_FORWARD);
    messages_.put_big(NFTA_HOOK_PRIORITY, before_others);
    messages_.end_nest(hook);
    messages_.put_big(NFTA_CHAIN_POLICY, NF_ACCEPT);
    messages_.put_text(NFTA_CHAIN_TYPE, "filter");
    messages_.end();
}

void PacketFilterChange::add_set(const std::string& set, bool counters) {
    begin(NFT_MSG_NEWSET, NLM_F_CREATE, "making the set " + set);
    messages_.put_text(NFTA_SET_TABLE, table_);
    messages_.put_text(NFTA_SET_NAME, set);
    messages_.put_big(NFTA_SET_FLAGS, counters ? NFT_SET_OBJECT : 0);
    messages_.put_big(NFTA_SET_KEY_TYPE, key_type);
    messages_.put_big(NFTA_SET_KEY_LEN, key_bytes);
    messages_.put_big(NFTA_SET_ID, next_set_id_++);
    if (counters) messages_.put_big(NFTA_SET_OBJ_TYPE, NFT_OBJECT_COUNTER);
    messages_.end();
}

void PacketFilterChange::add_set(const std::string& set) {
    add_set(set, false);
}

void PacketFilterChange::add_counters(const std::string& counters) {
    add_set(counters, true);
}

void PacketFilterChange::begin_element(std::uint16_t type,
                                       std::uint16_t flags,
                                       const std::string& set,
                                       const BridgePath& path,
                                       const std::string& counter) {
    begin(type, flags, "the path from " + path.in + " to " + path.out + " in " + set);
    messages_.put_text(NFTA_SET_ELEM_LIST_TABLE, table_);
    messages_.put_text(NFTA_SET_ELEM_LIST_SET, set);
    const std::size_t elements = messages_.begin_nest(NFTA_SET_ELEM_LIST_ELEMENTS);
    const std::size_t element = messages_.begin_nest(NFTA_LIST_ELEM);
    const std::size_t key = messages_.begin_nest(NFTA_SET_ELEM_KEY);
    messages_.put(NFTA_DATA_VALUE, key_of(path));
    messages_.end_nest(key);
    if (!counter.empty()) messages_.put_text(NFTA_SET_ELEM_OBJREF, counter);
    messages_.end_nest(element);
    messages_.end_nest(elements);
    messages_.end();
}

void PacketFilterChange::add_path(const std::string& set, const BridgePath& path) {
    begin_element(NFT_MSG_NEWSETELEM, NLM_F_CREATE, set, path, "");
}

void PacketFilterChange::remove_path(const std::string& set, const BridgePath& path) {
    begin_element(NFT_MSG_DELSETELEM, 0, set, path, "");
}

void PacketFilterChange::add_counter(const std::string& counters,
                                     const BridgePath& path,
                                     const std::string& counter) {
    begin(NFT_MSG_NEWOBJ, NLM_F_CREATE, "making the counter " + counter);
    messages_.put_text(NFTA_OBJ_TABLE, table_);
    messages_.put_text(NFTA_OBJ_NAME, counter);
    messages_.put_big(NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
    messages_.end_nest(messages_.begin_nest(NFTA_OBJ_DATA));
    messages_.end();
    begin_element(NFT_MSG_NEWSETELEM, NLM_F_CREATE, counters, path, counter);
}

void PacketFilterChange::drop_paths(const std::string& chain,
                                    const std::string& set,
                                    const std::string& counters,
                                    std::uint32_t share_ppb) {
    begin(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, "making the rule for " + set);
    messages_.put_text(NFTA_RULE_TABLE, table_);
    messages_.put_text(NFTA_RULE_CHAIN, chain);
    {
        RuleWriter rule(messages_);
        rule.load_path();
        rule.continue_if_in(set);
        if (share_ppb < all_ppb) {
            rule.continue_by_chance(share_ppb);
            rule.load_path();
        }
        rule.count(counters);
        rule.drop();
    }
    messages_.end();
}

void PacketFilterChange::drop_protocol(const std::string& chain, std::uint16_t protocol) {
    begin(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, "making the rule for a protocol");
    messages_.put_text(NFTA_RULE_TABLE, table_);
    messages_.put_text(NFTA_RULE_CHAIN, chain);
    {
        RuleWriter rule(messages_);
        rule.load_meta(NFT_META_PROTOCOL, in_register);
        const std::uint16_t value = htons(protocol);
        rule.compare(NFT_CMP_EQ, &value, sizeof value);
        rule.drop();
    }
    messages_.end();
}

Result<> PacketFilterChange::commit(NetlinkSocket& socket) {
    if (steps_ == 0) return {};
    add_bracket(messages_, NFNL_MSG_BATCH_END);
    // The last step tells of all; the brackets are not answered.
    return socket.send(std::move(messages_), steps_);
}

Result<std::uint64_t> counted_packets(NetlinkSocket& socket,
                                      const std::string& table,
                                      const std::string& counter) {
    NetlinkMessages question;
    question.begin(filter_message(NFT_MSG_GETOBJ), 0, "packet filter: reading " + counter);
    put_family(question, NFPROTO_BRIDGE, 0);
    question.put_text(NFTA_OBJ_TABLE, table);
    question.put_text(NFTA_OBJ_NAME, counter);
    question.put_big(NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
    question.end();
    FL_TRY(const auto answers, socket.ask(std::move(question)));
    for (const NetlinkAnswer& answer : answers) {
        if (answer.bytes.size() < sizeof(nfgenmsg)) continue;
        const auto attributes = std::string_view(answer.bytes).substr(sizeof(nfgenmsg));
        const auto packets =
            netlink_attribute(netlink_attribute(attributes, NFTA_OBJ_DATA), NFTA_COUNTER_PACKETS);
        std::uint64_t value = 0;
        if (packets.size() != sizeof value) continue;
        for (const char byte : packets)
            value = value << 8 | static_cast<unsigned char>(byte);
        return value;
    }
    return fail("packet filter: the counter " + counter + " has no value");
}

}  // namespace faultline
