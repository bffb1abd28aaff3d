// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"

namespace faultline {

/// One attribute of a message that came back: its type (without flags) and its bytes.
struct NetlinkAttribute {
    std::uint16_t type = 0;
    std::string_view bytes;
};
/// The attributes in `bytes`; what does not parse is left out.
[[nodiscard]] std::vector<NetlinkAttribute> netlink_attributes(std::string_view bytes);
/// The bytes of the first attribute of `type`; empty when there is none.
[[nodiscard]] std::string_view netlink_attribute(std::string_view bytes, std::uint16_t type);

/// Several messages to the kernel in a row, built in memory:
///
///   begin(type) ─► header bytes ─► put ... nest(put ...) ─► end ─► begin ...
///
/// Source: netlink(7).
class NetlinkMessages {
  public:
    /// What is being done goes into the errors: "adding the link port0".
    void begin(std::uint16_t type, std::uint16_t flags, std::string doing);
    void end();

    void raw(const void* bytes, std::size_t count);  // headers; padded to 4 bytes
    void put(std::uint16_t type, std::string_view bytes);
    void put_text(std::uint16_t type, const std::string& text);  // with the zero at its end
    void put_number(std::uint16_t type, std::uint32_t number);   // in the machine's order
    void put_big(std::uint16_t type, std::uint32_t number);      // in the network's order

    /// Attributes put between the two stand inside one of `type`.
    [[nodiscard]] std::size_t begin_nest(std::uint16_t type);
    void end_nest(std::size_t nest);

    [[nodiscard]] bool empty() const { return doings_.empty(); }

  private:
    friend class NetlinkSocket;
    std::string bytes_;
    std::vector<std::size_t> starts_;  // of each message in `bytes_`
    std::vector<std::string> doings_;  // beside each
};

/// A message of an answer: its type and what follows its netlink header.
struct NetlinkAnswer {
    std::uint16_t type = 0;
    std::string bytes;
};

/// A netlink socket. It belongs to the network namespace it was opened in, whoever uses it later.
/// Thread: one at a time.
class NetlinkSocket {
  public:
    /// `protocol`: NETLINK_ROUTE, NETLINK_NETFILTER.
    [[nodiscard]] static Result<NetlinkSocket> open(int protocol);

    /// Hands over all messages at once and waits for what the kernel says about the last one that
    /// asks for it (`acknowledged`, by its index). Errors: the first message that failed, with what
    /// it was doing. Those before it may have taken effect, unless the protocol knows transactions.
    [[nodiscard]] Result<> send(NetlinkMessages messages, std::size_t acknowledged);
    /// The same, the last message being the one that is acknowledged.
    [[nodiscard]] Result<> send(NetlinkMessages messages);
    /// Sends one question and returns the messages that answer it.
    [[nodiscard]] Result<std::vector<NetlinkAnswer>> ask(NetlinkMessages question);

  private:
    [[nodiscard]] Result<> hand_over(NetlinkMessages& messages);
    [[nodiscard]] Result<std::string> receive();

    UniqueFd fd_;
    std::uint32_t next_sequence_ = 1;
};

}  // namespace faultline
