// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/link_benchmark_processes.hpp"

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sstream>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/base/check.hpp"

namespace faultline::bench {
namespace {

UniqueFd listen_on(std::uint16_t port) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    FL_CHECK(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    FL_CHECK(::listen(fd.get(), 4096) == 0);
    return fd;
}

std::uint16_t port_of(int fd) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    FL_CHECK(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    return ntohs(address.sin_port);
}

/// Sends back what it gets: level-triggered and plain, the same for everything that is compared.
[[noreturn]] void serve_echo(const UniqueFd& listener) {
    const UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    const auto watch = [&epoll](int fd) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        FL_CHECK(::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0);
    };
    watch(listener.get());
    std::array<epoll_event, 256> events{};
    std::array<char, 64 << 10> buffer{};
    for (;;) {
        const int ready = ::epoll_wait(epoll.get(), events.data(), 256, -1);
        for (int index = 0; index < ready; ++index) {
            const int fd = events[static_cast<std::size_t>(index)].data.fd;
            if (fd == listener.get()) {
                const int client = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
                if (client >= 0) watch(client);
                continue;
            }
            const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), 0);
            if (count > 0) send_all(fd, {buffer.data(), static_cast<std::size_t>(count)});
            if (count <= 0) ::close(fd);
        }
    }
}

/// Reads one connection after the other to its end, and says how much it was.
[[noreturn]] void serve_sink(const UniqueFd& listener) {
    std::vector<char> buffer(1 << 20);
    for (;;) {
        const UniqueFd client(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        std::uint64_t received = 0;
        for (ssize_t count = 0;
             (count = ::recv(client.get(), buffer.data(), buffer.size(), 0)) > 0;)
            received += static_cast<std::uint64_t>(count);
        send_all(client.get(), {reinterpret_cast<const char*>(&received), sizeof received});
    }
}

/// Says when each message came, on one connection after the other.
[[noreturn]] void serve_clock(const UniqueFd& listener) {
    std::array<char, 4096> message{};
    for (;;) {
        const UniqueFd client(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        while (::recv(client.get(), message.data(), message.size(), 0) > 0) {
            const std::int64_t came = nanoseconds_of(now());
            send_all(client.get(), {reinterpret_cast<const char*>(&came), sizeof came});
        }
    }
}

}  // namespace

std::uint16_t free_port() {
    return port_of(listen_on(0).get());
}

UniqueFd connect_to(std::uint16_t port) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        fmt::print(stderr, "cannot connect to port {}: {}\n", port, std::strerror(errno));
        std::abort();
    }
    return fd;
}

void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return;  // the other end left: its own business
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void receive_exactly(int fd, char* bytes, std::size_t count) {
    while (count > 0) {
        const ssize_t some = ::recv(fd, bytes, count, 0);
        if (some <= 0) {
            fmt::print(stderr, "a connection ended early: {}\n", std::strerror(errno));
            std::abort();
        }
        bytes += some;
        count -= static_cast<std::size_t>(some);
    }
}

pid_t fork_dying_with_us() {
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    FL_CHECK(pid >= 0);
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(1);
    }
    return pid;
}

Process started(const std::vector<std::string>& words) {
    const pid_t pid = fork_dying_with_us();
    if (pid > 0) return Process(pid);
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    FL_CHECK(std::freopen("/dev/null", "w", stdout) != nullptr);
    FL_CHECK(std::freopen("/dev/null", "w", stderr) != nullptr);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
}

Process::~Process() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

Duration Process::processor_time() const {
    std::ifstream file(fmt::format("/proc/{}/stat", pid_));
    std::string text{std::istreambuf_iterator<char>(file), {}};
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int field = 3; field < 14; ++field)
        fields >> skipped;
    long user = 0;
    long system = 0;
    fields >> user >> system;
    return duration_of_seconds(static_cast<double>(user + system) /
                               static_cast<double>(::sysconf(_SC_CLK_TCK)));
}

std::uint64_t Process::resident_bytes() const {
    std::ifstream file(fmt::format("/proc/{}/statm", pid_));
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    file >> total >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

Servers start_servers() {
    Servers servers{};
    const auto start = [&servers](auto serve) {
        const UniqueFd listener = listen_on(0);
        const pid_t pid = fork_dying_with_us();
        if (pid == 0) serve(listener);
        servers.processes.emplace_back(pid);
        return port_of(listener.get());
    };
    servers.echo = start(serve_echo);
    servers.sink = start(serve_sink);
    servers.clock = start(serve_clock);
    return servers;
}

void wait_for(std::uint16_t port) {
    const Instant deadline = now() + std::chrono::seconds(10);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    while (now() < deadline) {
        const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    fmt::print(stderr, "nobody listens on port {}\n", port);
    std::abort();
}

}  // namespace faultline::bench
