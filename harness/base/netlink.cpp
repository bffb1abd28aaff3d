// SPDX-License-Identifier: Apache-2.0
#include "harness/base/netlink.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <utility>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

constexpr std::size_t answer_bytes_max = 1 << 16;  // more than the kernel puts into one datagram
// The kernel answers while we send; only a broken one lets us wait.
constexpr timeval answer_patience{5, 0};
// Room for a whole topology in one go; the default is 208 KiB.
constexpr int send_buffer_bytes = 8 << 20;
constexpr std::uint16_t attribute_type_mask = 0x3fff;  // without NESTED and NET_BYTEORDER

std::size_t padded(std::size_t size) {
    return (size + 3) & ~std::size_t{3};
}

template <class T>
T read_as(std::string_view bytes) {
    T value{};
    std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
    return value;
}

/// The messages in a datagram, one after the other.
template <class Visit>
void for_each_message(std::string_view datagram, Visit visit) {
    while (datagram.size() >= sizeof(nlmsghdr)) {
        const auto header = read_as<nlmsghdr>(datagram);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) return;
        visit(header, datagram.substr(sizeof header, header.nlmsg_len - sizeof header));
        datagram.remove_prefix(std::min(padded(header.nlmsg_len), datagram.size()));
    }
}

}  // namespace

std::vector<NetlinkAttribute> netlink_attributes(std::string_view bytes) {
    std::vector<NetlinkAttribute> found;
    while (bytes.size() >= sizeof(nlattr)) {
        const auto header = read_as<nlattr>(bytes);
        if (header.nla_len < sizeof header || header.nla_len > bytes.size()) break;
        found.push_back({static_cast<std::uint16_t>(header.nla_type & attribute_type_mask),
                         bytes.substr(sizeof header, header.nla_len - sizeof header)});
        bytes.remove_prefix(std::min(padded(header.nla_len), bytes.size()));
    }
    return found;
}

std::string_view netlink_attribute(std::string_view bytes, std::uint16_t type) {
    for (const NetlinkAttribute& attribute : netlink_attributes(bytes)) {
        if (attribute.type == type) return attribute.bytes;
    }
    return {};
}

// ---- building

void NetlinkMessages::begin(std::uint16_t type, std::uint16_t flags, std::string doing) {
    starts_.push_back(bytes_.size());
    doings_.push_back(std::move(doing));
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
    raw(&header, sizeof header);
}

void NetlinkMessages::end() {
    FL_CHECK(!starts_.empty());
    const auto length = static_cast<std::uint32_t>(bytes_.size() - starts_.back());
    std::memcpy(bytes_.data() + starts_.back(), &length, sizeof length);
}

void NetlinkMessages::raw(const void* bytes, std::size_t count) {
    bytes_.append(static_cast<const char*>(bytes), count);
    bytes_.resize(padded(bytes_.size()));
}

void NetlinkMessages::put(std::uint16_t type, std::string_view bytes) {
    nlattr header{};
    header.nla_len = static_cast<std::uint16_t>(sizeof header + bytes.size());
    header.nla_type = type;
    raw(&header, sizeof header);
    raw(bytes.data(), bytes.size());
}

void NetlinkMessages::put_text(std::uint16_t type, const std::string& text) {
    put(type, std::string_view(text.c_str(), text.size() + 1));
}

void NetlinkMessages::put_number(std::uint16_t type, std::uint32_t number) {
    put(type, std::string_view(reinterpret_cast<const char*>(&number), sizeof number));
}

void NetlinkMessages::put_big(std::uint16_t type, std::uint32_t number) {
    put_number(type, htonl(number));
}

std::size_t NetlinkMessages::begin_nest(std::uint16_t type) {
    const std::size_t nest = bytes_.size();
    put(static_cast<std::uint16_t>(type | NLA_F_NESTED), {});
    return nest;
}

void NetlinkMessages::end_nest(std::size_t nest) {
    const std::size_t length = bytes_.size() - nest;
    FL_CHECK_OP(<=, length, std::size_t{UINT16_MAX});
    const auto written = static_cast<std::uint16_t>(length);
    std::memcpy(bytes_.data() + nest, &written, sizeof written);
}

// ---- talking

Result<NetlinkSocket> NetlinkSocket::open(int protocol) {
    NetlinkSocket socket;
    socket.fd_ = UniqueFd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
    if (!socket.fd_) return fail_errno("opening a netlink socket", errno);
    const int fd = socket.fd_.get();
    // Where the larger buffer is not permitted, small topologies still fit.
    static_cast<void>(
        ::setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &send_buffer_bytes, sizeof send_buffer_bytes));
    if (::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &answer_patience, sizeof answer_patience) != 0)
        return fail_errno("setting up a netlink socket", errno);
    return socket;
}

Result<> NetlinkSocket::hand_over(NetlinkMessages& messages) {
    for (const std::size_t start : messages.starts_) {
        const std::uint32_t sequence = next_sequence_++;
        std::memcpy(messages.bytes_.data() + start + offsetof(nlmsghdr, nlmsg_seq),
                    &sequence,
                    sizeof sequence);
    }
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    const ssize_t sent = ::sendto(fd_.get(),
                                  messages.bytes_.data(),
                                  messages.bytes_.size(),
                                  0,
                                  reinterpret_cast<const sockaddr*>(&kernel),
                                  sizeof kernel);
    if (sent < 0) return fail_errno("netlink: " + messages.doings_.front(), errno);
    return {};
}

Result<std::string> NetlinkSocket::receive() {
    std::string answer(answer_bytes_max, '\0');
    for (;;) {
        const ssize_t count = ::recv(fd_.get(), answer.data(), answer.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_errno("the kernel does not answer on netlink", errno);
        answer.resize(static_cast<std::size_t>(count));
        return answer;
    }
}

Result<> NetlinkSocket::send(NetlinkMessages messages) {
    FL_CHECK(!messages.empty());
    const std::size_t last = messages.starts_.size() - 1;
    return send(std::move(messages), last);
}

Result<> NetlinkSocket::send(NetlinkMessages messages, std::size_t acknowledged) {
    FL_CHECK_OP(<, acknowledged, messages.starts_.size());
    char* const flags =
        messages.bytes_.data() + messages.starts_[acknowledged] + offsetof(nlmsghdr, nlmsg_flags);
    auto wanted = read_as<std::uint16_t>(std::string_view(flags, sizeof(std::uint16_t)));
    wanted = static_cast<std::uint16_t>(wanted | NLM_F_ACK);
    std::memcpy(flags, &wanted, sizeof wanted);
    const std::uint32_t first = next_sequence_;
    FL_TRY_VOID(hand_over(messages));
    for (;;) {
        FL_TRY(const std::string datagram, receive());
        bool done = false;
        Result<> outcome;
        for_each_message(datagram, [&](const nlmsghdr& header, std::string_view body) {
            // What belongs to an earlier batch that failed half-way is not ours any more.
            if (header.nlmsg_type != NLMSG_ERROR || header.nlmsg_seq < first || done) return;
            const std::size_t index = header.nlmsg_seq - first;
            const int error = -read_as<std::int32_t>(body);
            if (error != 0) {
                outcome = fail_errno(messages.doings_[std::min(index, messages.doings_.size() - 1)],
                                     error);
            }
            done = error != 0 || index == acknowledged;
        });
        if (done) return outcome;
    }
}

Result<std::vector<NetlinkAnswer>> NetlinkSocket::ask(NetlinkMessages question) {
    FL_CHECK_OP(==, question.starts_.size(), std::size_t{1});
    const std::uint32_t sequence = next_sequence_;
    FL_TRY_VOID(hand_over(question));
    std::vector<NetlinkAnswer> answers;
    for (;;) {
        FL_TRY(const std::string datagram, receive());
        bool done = false;
        Result<> outcome;
        for_each_message(datagram, [&](const nlmsghdr& header, std::string_view body) {
            if (header.nlmsg_seq != sequence) return;
            if (header.nlmsg_type == NLMSG_ERROR) {
                const int error = -read_as<std::int32_t>(body);
                if (error != 0) outcome = fail_errno(question.doings_.front(), error);
                done = true;
            } else if (header.nlmsg_type == NLMSG_DONE) {
                done = true;
            } else {
                answers.push_back({header.nlmsg_type, std::string(body)});
                done = (header.nlmsg_flags & NLM_F_MULTI) == 0;
            }
        });
        if (!outcome) return tl::unexpected(outcome.error());
        if (done) return answers;
    }
}

}  // namespace faultline
