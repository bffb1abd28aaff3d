// SPDX-License-Identifier: Apache-2.0
#include "harness/run/connection_owner.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <dirent.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/launch/process_table.hpp"
#include "harness/run/provision.hpp"

namespace faultline {
namespace {

constexpr int ancestors_max = 64;

/// The connection as the one who connected sees it.
struct PeerView {
    sockaddr_storage own{};    // where it connected from
    sockaddr_storage other{};  // the accepted end
};

std::optional<PeerView> peer_view(int descriptor) {
    PeerView view;
    socklen_t own_length = sizeof view.own;
    socklen_t other_length = sizeof view.other;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&view.own), &own_length) != 0 ||
        ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&view.other), &other_length) != 0)
        return std::nullopt;
    if (view.own.ss_family != AF_INET && view.own.ss_family != AF_INET6) return std::nullopt;
    return view;
}

// The two families keep the port at the same place. In network order.
std::uint16_t port_of(const sockaddr_storage& address) {
    return reinterpret_cast<const sockaddr_in&>(address).sin_port;
}

void copy_address(const sockaddr_storage& from, std::uint32_t* to) {
    if (from.ss_family == AF_INET6) {
        std::memcpy(to, &reinterpret_cast<const sockaddr_in6&>(from).sin6_addr, sizeof(in6_addr));
    } else {
        std::memcpy(to, &reinterpret_cast<const sockaddr_in&>(from).sin_addr, sizeof(in_addr));
    }
}

inet_diag_req_v2 question_of(const PeerView& view) {
    inet_diag_req_v2 question{};
    question.sdiag_family = static_cast<std::uint8_t>(view.own.ss_family);
    question.sdiag_protocol = IPPROTO_TCP;
    question.idiag_states = ~0U;
    question.id.idiag_sport = port_of(view.own);
    question.id.idiag_dport = port_of(view.other);
    copy_address(view.own, question.id.idiag_src);
    copy_address(view.other, question.id.idiag_dst);
    question.id.idiag_cookie[0] = question.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return question;
}

std::optional<std::uint64_t> ask_kernel(NetlinkSocket& socket, const PeerView& view) {
    const inet_diag_req_v2 question = question_of(view);
    NetlinkMessages messages;
    messages.begin(SOCK_DIAG_BY_FAMILY, 0, "asking for the owner of a connection");
    messages.raw(&question, sizeof question);
    messages.end();
    const auto answers = socket.ask(std::move(messages));
    if (!answers) {
        // Closed meanwhile is an answer; anything else says that this way does not work here.
        if (answers.error().code == ErrorCode::not_found) return 0;
        return std::nullopt;
    }
    inet_diag_msg message{};
    if (answers->empty() || answers->front().bytes.size() < sizeof message) return std::nullopt;
    std::memcpy(&message, answers->front().bytes.data(), sizeof message);
    return message.idiag_inode;
}

/// Numbers below `folder`, such as pids or descriptors.
template <class Visit>
void for_each_number(const std::string& folder, const Visit& visit) {
    DIR* const opened = ::opendir(folder.c_str());
    if (opened == nullptr) return;
    while (const dirent* const entry = ::readdir(opened)) {
        const std::string_view name = entry->d_name;
        int number = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error != std::errc() || end != name.data() + name.size()) continue;
        if (visit(number)) break;
    }
    ::closedir(opened);
}

bool holds_socket(pid_t pid, const std::string& socket) {
    const std::string folder = fmt::format("/proc/{}/fd", pid);
    bool found = false;
    for_each_number(folder, [&](int descriptor) {
        std::array<char, 64> target;  // NOLINT: filled by readlink
        const std::string path = fmt::format("{}/{}", folder, descriptor);
        const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
        found = length > 0 &&
                std::string_view(target.data(), static_cast<std::size_t>(length)) == socket;
        return found;
    });
    return found;
}

/// Whoever holds the socket that is no candidate itself: first what candidates have started, which
/// is in their sessions as long as it has not left them.
pid_t other_holder(const std::string& socket, const std::vector<OwnerCandidate>& candidates) {
    const auto is_candidate = [&](pid_t pid) {
        return std::any_of(candidates.begin(), candidates.end(), [&](const OwnerCandidate& one) {
            return one.pid == pid;
        });
    };
    std::vector<pid_t> strangers;
    for (const pid_t pid : all_pids()) {
        if (is_candidate(pid)) continue;
        if (!is_candidate(::getsid(pid))) {
            strangers.push_back(pid);
        } else if (holds_socket(pid, socket)) {
            return pid;
        }
    }
    const auto found = std::find_if(
        strangers.begin(), strangers.end(), [&](pid_t pid) { return holds_socket(pid, socket); });
    return found == strangers.end() ? -1 : *found;
}

/// Who has started a process that holds the socket and is no candidate itself.
std::optional<std::string> family_of(pid_t pid, const std::vector<OwnerCandidate>& candidates) {
    const pid_t harness = ::getpid();
    std::optional<std::string> of_harness;
    pid_t ancestor = pid;
    for (int i = 0; i < ancestors_max && ancestor > 1; ++i) {
        for (const OwnerCandidate& candidate : candidates) {
            if (candidate.pid != ancestor) continue;
            if (ancestor != harness) return candidate.name;
            of_harness = candidate.name;
        }
        const auto stat = process_stat(ancestor);
        if (!stat) break;
        ancestor = stat->parent;
    }
    // The harness is the ancestor of instances too, also of one whose pid is not known yet. Those
    // have a file for their fail points; the commands of a load have none.
    const std::string environment = environment_of(pid);
    if (environment.find(failpoint_control_variable + "=") == std::string::npos) return of_harness;
    for (const OwnerCandidate& candidate : candidates) {
        if (environment_holds(environment, "FAULTLINE_INSTANCE=" + candidate.name))
            return candidate.name;
    }
    return std::nullopt;
}

/// "0100007F:1F90", as /proc/net/tcp writes addresses: words in the machine's order.
std::string table_address(const sockaddr_storage& address) {
    std::array<std::uint32_t, 4> words{};
    copy_address(address, words.data());
    std::string text;
    const std::size_t count = address.ss_family == AF_INET6 ? 4 : 1;
    for (std::size_t i = 0; i < count; ++i)
        text += fmt::format("{:08X}", words[i]);
    return fmt::format("{}:{:04X}", text, ntohs(port_of(address)));
}

}  // namespace

ConnectionOwner::ConnectionOwner() {
    if (auto socket = NetlinkSocket::open(NETLINK_SOCK_DIAG)) socket_ = std::move(*socket);
}

std::uint64_t ConnectionOwner::peer_inode(int descriptor) {
    const auto view = peer_view(descriptor);
    if (!view) return 0;
    {
        const std::lock_guard lock(mutex_);
        if (socket_) {
            if (const auto inode = ask_kernel(*socket_, *view)) return *inode;
        }
    }
    return peer_inode_from_table(descriptor);
}

std::uint64_t ConnectionOwner::peer_inode_from_table(int descriptor) {
    const auto view = peer_view(descriptor);
    if (!view) return 0;
    const bool six = view->own.ss_family == AF_INET6;
    const auto table = read_file(six ? "/proc/net/tcp6" : "/proc/net/tcp");
    if (!table) return 0;
    const std::string ends = table_address(view->own) + " " + table_address(view->other);
    const std::size_t at = table->find(ends);
    if (at == std::string::npos) return 0;
    // After the addresses: state, queues, timer, retransmits, uid, timeout, inode.
    std::istringstream rest(table->substr(at + ends.size(), 200));
    std::string skipped;
    for (int field = 0; field < 6; ++field)
        rest >> skipped;
    std::uint64_t inode = 0;
    rest >> inode;
    return inode;
}

std::optional<std::string> ConnectionOwner::find(int descriptor,
                                                 const std::vector<OwnerCandidate>& candidates) {
    const std::uint64_t inode = peer_inode(descriptor);
    if (inode == 0) return std::nullopt;
    const std::string socket = fmt::format("socket:[{}]", inode);
    for (const OwnerCandidate& candidate : candidates) {
        if (candidate.pid > 0 && holds_socket(candidate.pid, socket)) return candidate.name;
    }
    const pid_t holder = other_holder(socket, candidates);
    return holder > 0 ? family_of(holder, candidates) : std::nullopt;
}

}  // namespace faultline
