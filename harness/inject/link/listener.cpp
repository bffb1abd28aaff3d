// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/listener.hpp"

#include <cctype>
#include <cerrno>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "harness/inject/link/stream_socket.hpp"

namespace faultline::link {
namespace {

/// The kernel cuts this to net.core.somaxconn.
constexpr int backlog = 65535;

void let_share_address(int fd, int share) {
    static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &share, sizeof share));
}

/// "listen tcp 127.0.0.1:80: bind: address already in use", as Go programs spell it, for clients
/// of Toxiproxy look for these words.
tl::unexpected<Error> cannot_listen(const SocketAddress& address, const char* step, int error) {
    Error said = system_error("", error);
    std::string reason = said.message.substr(2);
    reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
    // `exists` is for names of links.
    if (said.code == ErrorCode::exists) said.code = ErrorCode::failed;
    return fail("listen " + address.described() + ": " + step + ": " + reason, said.code);
}

int bind_to(int fd, const SocketAddress& address) {
    return ::bind(fd, address.get(), address.length()) == 0 ? 0 : errno;
}

/// Whether the file at `address` is a socket that nobody has any more: its owner was killed. Asked
/// with a socket of another type, which a living owner never sees: it gets EPROTOTYPE.
bool left_behind(const SocketAddress& address) {
    struct stat file {};
    if (::lstat(address.path().c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return false;
    const UniqueFd probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    return probe && ::connect(probe.get(), address.get(), address.length()) != 0 &&
           errno == ECONNREFUSED;
}

Result<UniqueFd> bound_socket(const SocketAddress& address) {
    UniqueFd fd = stream_socket(address);
    if (!fd) return cannot_listen(address, "socket", errno);
    // Connections of an earlier listener that linger must not keep us from its port.
    if (!address.is_unix()) let_share_address(fd.get(), 1);
    int error = bind_to(fd.get(), address);
    if (error == EADDRINUSE && address.is_unix() && left_behind(address)) {
        ::unlink(address.path().c_str());
        error = bind_to(fd.get(), address);
    }
    if (error != 0) return cannot_listen(address, "bind", error);
    return fd;
}

/// A port that the kernel chose is not locked to its socket: it goes as soon as the socket stops
/// listening. So it is bound a second time, by number; two sockets that do not listen may share it.
/// Source: Linux net/ipv4/af_inet.c, SOCK_BINDPORT_LOCK.
Result<UniqueFd> bound_to_chosen_port(SocketAddress& address) {
    FL_TRY(const UniqueFd holder, bound_socket(address));
    FL_TRY(const SocketAddress chosen, SocketAddress::of_socket(holder.get()));
    address.set_port(chosen.port());
    return bound_socket(address);
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(const SocketAddress& wanted) {
    SocketAddress address = wanted;
    const bool chosen = !address.is_unix() && address.port() == 0;
    FL_TRY(UniqueFd fd, chosen ? bound_to_chosen_port(address) : bound_socket(address));
    std::unique_ptr<Listener> listener(new Listener(std::move(fd), address));
    listener->note_file();
    if (::listen(listener->descriptor(), backlog) != 0) {
        return cannot_listen(address, "listen", errno);
    }
    return listener;
}

Listener::~Listener() {
    if (owns_file()) ::unlink(address_.path().c_str());
}

void Listener::note_file() {
    struct stat file {};
    if (!address_.is_unix() || ::lstat(address_.path().c_str(), &file) != 0) return;
    file_device_ = file.st_dev;
    file_number_ = file.st_ino;
}

bool Listener::owns_file() const {
    struct stat file {};
    return address_.is_unix() && file_number_ != 0 &&
           ::lstat(address_.path().c_str(), &file) == 0 && file.st_dev == file_device_ &&
           file.st_ino == file_number_;
}

void Listener::suspend() {
    if (!std::exchange(listening_, false)) return;
    if (!address_.is_unix()) {
        // Closed but still bound. While it does not listen, another socket that asks for address
        // reuse could share the port with it; without the option none can.
        static_cast<void>(::shutdown(fd_.get(), SHUT_RD));
        let_share_address(fd_.get(), 0);
        return;
    }
    // A Unix socket cannot stop listening; one that is bound and never listened refuses as well.
    if (owns_file()) ::unlink(address_.path().c_str());
    fd_ = stream_socket(address_);
    if (fd_ && bind_to(fd_.get(), address_) == 0) {
        note_file();
    } else {
        fd_.reset();
        file_number_ = 0;
    }
}

bool Listener::resume() {
    if (listening_) return true;
    if (address_.is_unix() && !fd_) {
        auto fd = bound_socket(address_);
        if (!fd) return false;
        fd_ = std::move(*fd);
        note_file();
    }
    if (!address_.is_unix()) let_share_address(fd_.get(), 1);
    listening_ = ::listen(fd_.get(), backlog) == 0;
    return listening_;
}

}  // namespace faultline::link
