// SPDX-License-Identifier: Apache-2.0
// What a link costs, beside no link at all and, when TOXIPROXY_SERVER names its program, beside
// Toxiproxy: throughput, round trips, new connections, memory, accuracy of a delay, changes.
//   bench_link [ROUNDS] [CONGESTION CONTROL] [PART ...]     parts: trips bulk requests connections
//                                                           redis delay changes memory
// Direct and proxied take turns, ROUNDS times (5); medians are printed. With the rights to, all of
// it runs in a network namespace of its own with one congestion control (cubic): figures under
// different ones cannot be compared.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <net/if.h>
#include <sched.h>
#include <set>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>

#include <fmt/format.h>

#include "harness/base/command.hpp"
#include "harness/base/units.hpp"
#include "tests/bench/link_benchmark_loads.hpp"
#include "tests/bench/link_benchmark_processes.hpp"
#include "tests/bench/link_benchmark_proxies.hpp"

namespace {

using namespace faultline;
using namespace faultline::bench;

constexpr std::uint64_t bulk_bytes = std::uint64_t{2} << 30;
constexpr int round_trip_count = 10'000;
constexpr int request_count = 100'000;
constexpr int new_connection_count = 4000;
constexpr int new_connections_together = 50;
constexpr Duration asked_delay = std::chrono::milliseconds(50);
constexpr int delayed_count = 40;  // per round
constexpr int change_count = 200;
constexpr std::size_t change_connections = 1000;

bool write_setting(const std::string& name, const std::string& value) {
    std::ofstream file("/proc/sys/net/ipv4/" + name);
    file << value;
    file.close();
    return static_cast<bool>(file);
}

/// A loopback device, ports and settings that nobody else uses.
bool isolate(const std::string& congestion) {
    if (::unshare(CLONE_NEWNET) != 0) return false;
    const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::string("lo").copy(request.ifr_name, IFNAMSIZ);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (::ioctl(fd.get(), SIOCSIFFLAGS, &request) != 0) return false;
    write_setting("ip_local_port_range", "2000 65000");
    return write_setting("tcp_congestion_control", congestion);
}

/// Returns how many descriptors a process may then have.
std::size_t raise_descriptor_limit(rlim_t wanted) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    rlimit more{std::max(limit.rlim_cur, wanted), std::max(limit.rlim_max, wanted)};
    if (::setrlimit(RLIMIT_NOFILE, &more) == 0) return more.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

class Table {
  public:
    Table() {
        fmt::print(
            "{:<44} {:>13} {:>14} {:>14} {:>8}\n", "what", "asked", "direct", "proxied", "ratio");
    }
    void row(const std::string& what,
             const std::string& asked,
             const std::string& direct,
             const std::string& proxied,
             const std::string& ratio) {
        fmt::print("{:<44} {:>13} {:>14} {:>14} {:>8}\n", what, asked, direct, proxied, ratio);
        std::fflush(stdout);
    }
    void rates(const std::string& what,
               const std::string& asked,
               double direct,
               double proxied,
               double unit,
               const std::string& unit_name) {
        row(what,
            asked,
            fmt::format("{:.2f} {}", direct / unit, unit_name),
            fmt::format("{:.2f} {}", proxied / unit, unit_name),
            fmt::format("{:.2f}", proxied / direct));
    }
};

/// The medians of a measure taken by turns at the server and at the proxy.
std::pair<double, double> by_turns(int rounds,
                                   std::uint16_t direct,
                                   std::uint16_t proxied,
                                   const std::function<double(std::uint16_t)>& measure) {
    std::vector<double> at_server;
    std::vector<double> at_proxy;
    for (int round = 0; round < rounds; ++round) {
        at_server.push_back(measure(direct));
        at_proxy.push_back(measure(proxied));
    }
    return {median(at_server), median(at_proxy)};
}

void measure_bulk(Table& table, Proxy& proxy, const Servers& servers, int rounds) {
    const std::uint16_t sink = proxy.lead_to(servers.sink);
    const Duration before = proxy.process().processor_time();
    const auto [direct, proxied] =
        by_turns(rounds, servers.sink, sink, [](auto port) { return bulk(port, bulk_bytes); });
    const Duration used = proxy.process().processor_time() - before;
    table.rates("bulk, 1 connection", ">= 0.75", direct, proxied, 1e9, "GB/s");
    const double gigabytes = static_cast<double>(bulk_bytes) * rounds / 1e9;
    table.row("processor time of the proxy per GB",
              "",
              "",
              format_duration(duration_of_seconds(seconds_of(used) / gigabytes)),
              "");
}

void measure_requests(Table& table, Proxy& proxy, const Servers& servers, int rounds) {
    const std::uint16_t echo = proxy.lead_to(servers.echo);
    const Duration before = proxy.process().processor_time();
    const auto [direct, proxied] = by_turns(
        rounds, servers.echo, echo, [](auto port) { return requests(port, 50, request_count); });
    const Duration used = proxy.process().processor_time() - before;
    table.rates("requests, 50 connections", "", direct, proxied, 1e3, "k/s");
    table.row("processor time of the proxy per request",
              "",
              "",
              format_duration(used / (request_count * rounds)),
              "");
}

void measure_new_connections(Table& table, Proxy& proxy, const Servers& servers, int rounds) {
    const std::uint16_t echo = proxy.lead_to(servers.echo);
    const Duration before = proxy.process().processor_time();
    const auto [direct, proxied] = by_turns(rounds, servers.echo, echo, [](auto port) {
        return new_connections(port, new_connection_count, new_connections_together);
    });
    const Duration used = proxy.process().processor_time() - before;
    table.rates("new connections", ">= 20 k/s", direct, proxied, 1e3, "k/s");
    table.row("processor time of the proxy per connection",
              "",
              "",
              format_duration(used / (new_connection_count * rounds)),
              "");
}

/// Requests per second as redis-benchmark says: "GET: 123456.78 requests per second".
double redis_requests(std::uint16_t port) {
    const auto result = run_command({.words = {"redis-benchmark",
                                               "-p",
                                               std::to_string(port),
                                               "-c",
                                               "50",
                                               "-n",
                                               std::to_string(request_count),
                                               "-t",
                                               "get",
                                               "-q"},
                                     .timeout = std::chrono::minutes(2)});
    if (!result) return 0;
    const std::size_t end = result->output.rfind(" requests per second");
    const std::size_t begin = result->output.rfind("GET: ", end);
    if (begin == std::string::npos || end == std::string::npos) return 0;
    return std::atof(result->output.c_str() + begin + 5);
}

void measure_redis(Table& table, Proxy& proxy, int rounds) {
    if (!run_command({.words = {"redis-server", "--version"}}) ||
        !run_command({.words = {"redis-benchmark", "--version"}})) {
        return;
    }
    const std::uint16_t port = free_port();
    const Process server = started({"redis-server",
                                    "--port",
                                    std::to_string(port),
                                    "--save",
                                    "",
                                    "--appendonly",
                                    "no",
                                    "--bind",
                                    "127.0.0.1"});
    wait_for(port);
    const auto [direct, proxied] = by_turns(rounds, port, proxy.lead_to(port), redis_requests);
    table.rates("redis-benchmark -c 50, GET", ">= 0.75", direct, proxied, 1e3, "k/s");
}

void measure_round_trips(Table& table, Proxy& proxy, const Servers& servers, int rounds) {
    const std::uint16_t echo = proxy.lead_to(servers.echo);
    std::vector<Duration> direct;
    std::vector<Duration> proxied;
    for (int round = 0; round < rounds; ++round) {
        const auto at_server = round_trips(servers.echo, round_trip_count);
        const auto at_proxy = round_trips(echo, round_trip_count);
        direct.insert(direct.end(), at_server.begin(), at_server.end());
        proxied.insert(proxied.end(), at_proxy.begin(), at_proxy.end());
    }
    for (const auto& [name, share, asked] :
         {std::tuple{"p50", 0.5, "<= +20 us"}, {"p99", 0.99, "<= +60 us"}}) {
        const Duration at_server = quantile_of(direct, share);
        const Duration at_proxy = quantile_of(proxied, share);
        table.row(fmt::format("round trip, 1 connection, {}", name),
                  asked,
                  format_duration(at_server),
                  format_duration(at_proxy),
                  "+" + format_duration(at_proxy - at_server));
    }
}

void measure_delay(Table& table, Proxy& proxy, const Servers& servers, int rounds) {
    const std::uint16_t clock = proxy.lead_to(servers.clock);
    const int count = delayed_count * rounds;
    // A processor that has slept for 50 ms wakes more slowly: so the others pause as well.
    const auto direct = one_way(servers.clock, count, asked_delay);
    const auto plain = one_way(clock, count, asked_delay);
    proxy.delay(clock, asked_delay);
    const auto delayed = one_way(clock, count, std::chrono::milliseconds(5));
    for (const auto& [name, share, asked] :
         {std::tuple{"p50", 0.5, "<= 100 us"}, {"p99", 0.99, "<= 500 us"}}) {
        const Duration with = quantile_of(delayed, share) - asked_delay;
        table.row(fmt::format("one way, without a delay, {}", name),
                  "",
                  format_duration(quantile_of(direct, share)),
                  format_duration(quantile_of(plain, share)),
                  "");
        table.row(fmt::format("one way with a delay of 50 ms, - 50 ms, {}", name),
                  "",
                  "",
                  format_duration(with),
                  "");
        table.row(fmt::format("error of a delay of 50 ms, {}", name),
                  asked,
                  "",
                  format_duration(with - quantile_of(plain, 0.5)),
                  "");
    }
}

void measure_changes(Table& table, Proxy& proxy, const Servers& servers) {
    const std::uint16_t echo = proxy.lead_to(servers.echo);
    const auto open = idle_connections(echo, change_connections);
    const auto took = proxy.time_changes(echo, change_count);
    table.row("a change on 1,000 open connections, p50",
              "",
              "",
              format_duration(quantile_of(took, 0.5)),
              "");
    table.row("a change on 1,000 open connections, p99",
              "<= 1 ms",
              "",
              format_duration(quantile_of(took, 0.99)),
              "");
}

/// In a proxy of its own, so that nothing else has grown it.
void measure_memory(Table& table, Proxy& proxy, const Servers& servers) {
    const std::uint16_t echo = proxy.lead_to(servers.echo);
    std::vector<UniqueFd> open;
    // A proxied connection takes two descriptors.
    const std::size_t many = std::min<std::size_t>(10'000, raise_descriptor_limit(0) / 2 - 50);
    for (const auto& [count, asked] :
         {std::pair{std::size_t{1000}, "<= 15 MiB"}, {many, "<= 80 MiB"}}) {
        auto more = idle_connections(echo, count - open.size());
        std::move(more.begin(), more.end(), std::back_inserter(open));
        table.row(fmt::format("memory with {} idle connections", format_count(count)),
                  asked,
                  "",
                  format_bytes(proxy.process().resident_bytes()),
                  "");
    }
}

void measure(const std::function<std::unique_ptr<Proxy>()>& start,
             const Servers& servers,
             int rounds,
             const std::set<std::string>& parts) {
    const auto asked = [&parts](const std::string& part) {
        return parts.empty() || parts.contains(part);
    };
    const auto proxy = start();
    fmt::print("\n{}\n", proxy->name());
    Table table;
    if (asked("trips")) measure_round_trips(table, *proxy, servers, rounds);
    if (asked("bulk")) measure_bulk(table, *proxy, servers, rounds);
    if (asked("requests")) measure_requests(table, *proxy, servers, rounds);
    if (asked("connections")) measure_new_connections(table, *proxy, servers, rounds);
    if (asked("redis")) measure_redis(table, *proxy, rounds);
    if (asked("delay")) measure_delay(table, *proxy, servers, rounds);
    if (asked("changes")) measure_changes(table, *proxy, servers);
    const auto fresh = start();
    if (asked("memory")) measure_memory(table, *fresh, servers);
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
    const std::string congestion = argc > 2 ? argv[2] : "cubic";
    const std::set<std::string> parts(argv + std::min(argc, 3), argv + argc);
    static_cast<void>(raise_descriptor_limit(40'000));
    const bool isolated = isolate(congestion);
    fmt::print("{} rounds, {} cores, {}\n",
               rounds,
               std::thread::hardware_concurrency(),
               isolated ? "own network namespace, " + congestion
                        : std::string("the machine's network namespace and congestion control"));
    std::fflush(stdout);
    const Servers servers = start_servers();
    measure(start_our_proxy, servers, rounds, parts);
    if (const char* program = std::getenv("TOXIPROXY_SERVER")) {
        measure([program] { return start_toxiproxy(program); }, servers, rounds, parts);
    }
    return 0;
}
