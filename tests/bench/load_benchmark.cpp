// SPDX-License-Identifier: Apache-2.0
// How fast and how punctual the load generator is, against redis-benchmark on the same server in
// the same run. Prints what was asked and what was measured; exits 1 when something is missed.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "harness/base/command.hpp"
#include "harness/load/load.hpp"
#include "tests/unit/load/fake_server.hpp"
#include "tests/unit/load/real_redis.hpp"

namespace faultline {
namespace {

using namespace std::chrono_literals;

constexpr int connections = 50;
constexpr int rounds = 3;  // the two sides alternate, so that the machine's moods hit both

struct Ran {
    double per_second = 0;
    double ok_share = 0;
    std::uint32_t lag_p50_us = 0;
    std::uint32_t lag_p99_us = 0;
    std::size_t operations = 0;
};

Ran measure(const OperationLog& log, Duration span) {
    Ran ran{.operations = log.size()};
    std::vector<std::uint32_t> lags;
    lags.reserve(log.size());
    std::size_t ok = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (log[i].outcome == Outcome::ok) ++ok;
        if (log[i].failure != Failure::unsent) lags.push_back(log[i].lag_us);
    }
    std::sort(lags.begin(), lags.end());
    if (lags.empty()) return ran;
    ran.per_second = static_cast<double>(ok) / seconds_of(span);
    ran.ok_share = static_cast<double>(ok) / static_cast<double>(log.size());
    ran.lag_p50_us = lags[lags.size() / 2];
    ran.lag_p99_us = lags[lags.size() * 99 / 100];
    return ran;
}

Ran run_load(const test::RealRedis& redis, double rate, int pipeline, int pool, Duration span) {
    LoadSpec spec;
    spec.driver = "redis";
    spec.rate = rate;
    spec.connections = pool;
    spec.timeout = 60s;  // beyond capacity the line grows; nothing may expire in it
    spec.in_flight_max = 1'000'000;
    spec.parameters.set("operations", std::map<std::string, double>{{"set", 1.0}});
    spec.parameters.set("keys", std::int64_t{1});  // as redis-benchmark without -r
    spec.parameters.set("value_bytes", std::int64_t{3});
    spec.parameters.set("pipeline", std::int64_t{pipeline});
    auto load = make_load(spec, {.endpoints = {redis.endpoint()}}, Random(1));
    if (!load || !(*load)->start()) return {};
    const Instant begin = now();
    std::this_thread::sleep_until(begin + span);
    const std::uint64_t ok = (*load)->progress().ok;
    const Duration took = now() - begin;
    (*load)->stop();
    Ran ran = measure((*load)->take_log(), took);
    ran.per_second = static_cast<double>(ok) / seconds_of(took);
    return ran;
}

/// Requests per second, as redis-benchmark says.
std::optional<double> run_redis_benchmark(const test::RealRedis& redis) {
    const auto result = run_command(Command{.words = {"redis-benchmark",
                                                      "-p",
                                                      std::to_string(redis.port()),
                                                      "-c",
                                                      std::to_string(connections),
                                                      "-t",
                                                      "set",
                                                      "-n",
                                                      "300000",
                                                      "--csv"},
                                            .timeout = 120s});
    if (!result || result->exit_code != 0) return std::nullopt;
    const std::size_t line = result->output.find("\"SET\",\"");
    if (line == std::string::npos) return std::nullopt;
    double rate = 0;
    const char* const begin = result->output.data() + line + 7;
    std::from_chars(begin, result->output.data() + result->output.size(), rate);
    return rate;
}

bool report(const std::string& what, double asked, double measured, bool at_least) {
    const bool met = at_least ? measured >= asked : measured <= asked;
    fmt::print("{:<58} asked {} {:>9.2f}   measured {:>9.2f}   {}\n",
               what,
               at_least ? ">=" : "<=",
               asked,
               measured,
               met ? "met" : "MISSED");
    return met;
}

int run() {
    const auto redis = test::RealRedis::start();
    if (!redis) {
        fmt::print("skipped: redis-server is not installed\n");
        return 0;
    }
    double theirs = 0;
    double ours = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto rate = run_redis_benchmark(*redis);
        if (!rate) {
            fmt::print("skipped: redis-benchmark is not installed\n");
            return 0;
        }
        const Ran ran = run_load(*redis, 300'000, 1, connections, 3s);
        fmt::print("round {}: redis-benchmark {:.0f}/s, faultline {:.0f}/s\n",
                   round + 1,
                   *rate,
                   ran.per_second);
        theirs = std::max(theirs, *rate);
        ours = std::max(ours, ran.per_second);
    }
    bool met =
        report("unpipelined, 50 connections: share of redis-benchmark", 0.8, ours / theirs, true);
    const Ran half = run_load(*redis, ours / 2, 1, connections, 5s);
    fmt::print("at half that rate ({:.0f}/s): lag p50 {} us, p99 {} us, ok {:.4f}\n",
               ours / 2,
               half.lag_p50_us,
               half.lag_p99_us,
               half.ok_share);
    met = report("lag p99 at half that rate, ms", 1.0, half.lag_p99_us / 1e3, false) && met;
    const Ran fast = run_load(*redis, 200'000, 1000, 10, 5s);
    fmt::print("pipelined, 10 connections, 200000/s: lag p50 {} us, p99 {} us, {} operations\n",
               fast.lag_p50_us,
               fast.lag_p99_us,
               fast.operations);
    met = report("pipelined: operations per second", 199'000, fast.per_second, true) && met;
    return met ? 0 : 1;
}

}  // namespace
}  // namespace faultline

int main() {
    return faultline::run();
}
