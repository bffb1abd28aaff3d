// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/link_benchmark_loads.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <thread>

#include "harness/base/check.hpp"
#include "tests/bench/link_benchmark_processes.hpp"

namespace faultline::bench {
namespace {

constexpr std::size_t request_bytes = 64;

double per_second(double count, Duration span) {
    return count / seconds_of(span);
}

}  // namespace

double bulk(std::uint16_t port, std::uint64_t bytes) {
    const UniqueFd fd = connect_to(port);
    const std::string block(256 << 10, 'x');
    const Instant begin = now();
    for (std::uint64_t left = bytes; left > 0;) {
        const std::size_t some = std::min<std::uint64_t>(left, block.size());
        send_all(fd.get(), std::string_view(block).substr(0, some));
        left -= some;
    }
    ::shutdown(fd.get(), SHUT_WR);
    std::uint64_t received = 0;
    receive_exactly(fd.get(), reinterpret_cast<char*>(&received), sizeof received);
    FL_CHECK_OP(==, received, bytes);
    return per_second(static_cast<double>(bytes), now() - begin);
}

std::vector<Duration> round_trips(std::uint16_t port, int count) {
    const UniqueFd fd = connect_to(port);
    const std::string request(request_bytes, 'r');
    std::array<char, request_bytes> answer{};
    std::vector<Duration> all;
    all.reserve(static_cast<std::size_t>(count));
    for (int index = 0; index < count; ++index) {
        const Instant begin = now();
        send_all(fd.get(), request);
        receive_exactly(fd.get(), answer.data(), answer.size());
        all.push_back(now() - begin);
    }
    return all;
}

std::vector<Duration> one_way(std::uint16_t port, int count, Duration pause) {
    const UniqueFd fd = connect_to(port);
    const std::string request(request_bytes, 'r');
    std::vector<Duration> all;
    for (int index = 0; index < count; ++index) {
        std::this_thread::sleep_for(pause);
        std::int64_t came = 0;
        const Instant begin = now();
        send_all(fd.get(), request);
        receive_exactly(fd.get(), reinterpret_cast<char*>(&came), sizeof came);
        all.push_back(instant_of(came) - begin);
    }
    return all;
}

double requests(std::uint16_t port, int connections, int count) {
    const UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    const std::string request(request_bytes, 'r');
    std::vector<UniqueFd> clients;
    for (int index = 0; index < connections; ++index) {
        clients.push_back(connect_to(port));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = clients.back().get();
        FL_CHECK(::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, clients.back().get(), &event) == 0);
    }
    const Instant begin = now();
    for (const UniqueFd& client : clients)
        send_all(client.get(), request);
    std::array<epoll_event, 64> events{};
    std::array<char, request_bytes> answer{};
    for (int answered = 0; answered < count;) {
        const int ready = ::epoll_wait(epoll.get(), events.data(), 64, -1);
        for (int index = 0; index < ready; ++index, ++answered) {
            const int fd = events[static_cast<std::size_t>(index)].data.fd;
            receive_exactly(fd, answer.data(), answer.size());
            send_all(fd, request);
        }
    }
    return per_second(count, now() - begin);
}

double new_connections(std::uint16_t port, int count, int together) {
    const Instant begin = now();
    std::vector<UniqueFd> open;
    for (int made = 0; made < count; made += together) {
        for (int index = 0; index < together; ++index) {
            open.push_back(connect_to(port));
            send_all(open.back().get(), "x");
        }
        char answer = 0;
        for (const UniqueFd& fd : open)
            receive_exactly(fd.get(), &answer, 1);
        open.clear();
    }
    return per_second(count, now() - begin);
}

std::vector<UniqueFd> idle_connections(std::uint16_t port, std::size_t count) {
    std::vector<UniqueFd> open;
    char answer = 0;
    while (open.size() < count) {
        open.push_back(connect_to(port));
        send_all(open.back().get(), "x");
        receive_exactly(open.back().get(), &answer, 1);
    }
    return open;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

Duration quantile_of(std::vector<Duration> values, double share) {
    std::sort(values.begin(), values.end());
    const auto index = static_cast<std::size_t>(share * static_cast<double>(values.size()));
    return values[std::min(index, values.size() - 1)];
}

}  // namespace faultline::bench
