// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <thread>

#include "tests/unit/load/load_fixture.hpp"

namespace faultline {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::FakeServer;
using test::load_spec;
using test::one;
using test::reaches;
using test::started;
using test::tally;

FakeServer::Answer always_ok() {
    return test::resp_answers([](const std::vector<std::string>& words) {
        return words[0] == "GET" ? std::string("$-1\r\n") : std::string("+OK\r\n");
    });
}

LoadSpec sets(double rate) {
    LoadSpec spec = load_spec("redis", rate);
    spec.parameters.set("operations", std::map<std::string, double>{{"set", 1.0}});
    return spec;
}

TEST(Generator, EveryIntendedStartIsThereAndOnTheSchedule) {
    FakeServer server(always_ok());
    const auto load = started(sets(2000), one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 500));
    load->stop();
    const OperationLog log = load->take_log();
    ASSERT_GE(log.size(), 500U);
    for (std::size_t i = 1; i < log.size(); ++i) {
        ASSERT_EQ(log[i].intended_ns - log[0].intended_ns, static_cast<std::int64_t>(i) * 500'000);
        ASSERT_NE(log[i].end_ns, 0);
        ASSERT_GE(log[i].end_ns, log[i].intended_ns);
    }
    EXPECT_EQ(tally(log).ok, log.size());
}

TEST(Generator, SameSeedGivesTheSamePoissonScheduleAndTheSameOperations) {
    FakeServer server(always_ok());
    const auto run = [&](std::uint64_t seed) {
        LoadSpec spec = load_spec("redis", 5000);
        spec.arrivals = Arrivals::poisson;
        spec.parameters.set("keys", std::int64_t{100});
        const auto load = started(spec, one(server.endpoint()), seed);
        EXPECT_TRUE(reaches(*load, 300));
        load->stop();
        const OperationLog log = load->take_log();
        std::vector<std::tuple<std::int64_t, std::uint8_t, std::uint32_t>> rows;
        for (std::size_t i = 0; i < 300; ++i) {
            rows.emplace_back(log[i].intended_ns - log[0].intended_ns, log[i].kind, log[i].key);
        }
        return rows;
    };
    const auto first = run(11);
    EXPECT_EQ(first, run(11));
    EXPECT_NE(first, run(12));
}

TEST(Generator, StallShowsInEveryOperationThatWasMeantToStartInIt) {
    FakeServer server(always_ok());
    LoadSpec spec = sets(1000);
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 100));
    const std::uint64_t before = load->progress().intended;
    server.stall(true);
    ASSERT_TRUE(eventually([&] { return load->progress().intended >= before + 250; }));
    server.stall(false);
    ASSERT_TRUE(reaches(*load, before + 300));
    load->stop();
    const OperationLog log = load->take_log();
    // Closed-loop load would show at most one slow operation a connection.
    std::size_t slow = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (log[i].end_ns - log[i].intended_ns >= 20'000'000) ++slow;
    }
    EXPECT_GE(slow, 200U);
    EXPECT_EQ(tally(log).ok, log.size());
}

TEST(Generator, TimeoutIsUnknownWhenSentAndFailedWhenNeverSent) {
    FakeServer server(always_ok());
    server.stall(true);
    LoadSpec spec = sets(1000);
    spec.connections = 1;
    spec.timeout = 50ms;
    spec.parameters.set("pipeline", std::int64_t{5});
    spec.parameters.set("on_timeout", std::string("keep"));
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 50));
    load->stop();
    const OperationLog log = load->take_log();
    for (std::size_t i = 0; i < 40; ++i) {
        EXPECT_EQ(log[i].failure, Failure::timeout) << i;
        EXPECT_EQ(log[i].outcome, i < 5 ? Outcome::unknown : Outcome::failed) << i;
        EXPECT_EQ(log[i].end_ns - log[i].intended_ns, 50'000'000) << i;
    }
}

TEST(Generator, InFlightIsBoundedAndTheRestWaitsInLine) {
    FakeServer server(always_ok());
    server.stall(true);
    LoadSpec spec = sets(2000);
    spec.in_flight_max = 7;
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(eventually([&] { return load->progress().intended >= 100; }));
    EXPECT_TRUE(load->settled_since(0).empty());
    server.stall(false);
    ASSERT_TRUE(reaches(*load, 100));
    server.stall(true);
    load->stop();  // what waits in line is told apart from what was sent
    const OperationLog log = load->take_log();
    std::size_t in_flight_at_end = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (log[i].outcome == Outcome::unknown) ++in_flight_at_end;
        if (log[i].outcome == Outcome::failed) {
            EXPECT_EQ(log[i].failure, Failure::unsent);
        }
    }
    EXPECT_LE(in_flight_at_end, 7U);
}

TEST(Generator, RefusedWhenNobodyListens) {
    const Endpoint nowhere{"fake[0]", "127.0.0.1", test::free_port()};
    const auto load = started(sets(1000), one(nowhere));
    ASSERT_TRUE(reaches(*load, 50));  // long before the timeout of 10 s
    load->stop();
    const OperationLog log = load->take_log();
    for (std::size_t i = 0; i < 50; ++i) {
        EXPECT_EQ(log[i].outcome, Outcome::failed);
        EXPECT_EQ(log[i].failure, Failure::refused);
        EXPECT_EQ(log[i].endpoint, 0xFF);
    }
}

TEST(Generator, NoPlaceToGoIsRefusedToo) {
    FakeServer server(always_ok());
    LoadTargets targets = one(server.endpoint());
    targets.current = [] { return std::vector<int>{}; };
    const auto load = started(sets(1000), std::move(targets));
    ASSERT_TRUE(reaches(*load, 20));
    load->stop();
    EXPECT_EQ(load->take_log()[0].failure, Failure::refused);
}

TEST(Generator, LossOfTheConnectionIsUnknownAndItReconnects) {
    // The tenth command on the first connection is answered by hanging up.
    std::atomic<int> commands{0};
    FakeServer server([&](FakeServer::Talk& talk) {
        test::resp_answers([&](const std::vector<std::string>&) {
            if (++commands == 10) talk.close = true;
            return talk.close ? std::string() : std::string("+OK\r\n");
        })(talk);
    });
    LoadSpec spec = sets(1000);
    spec.connections = 1;
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 200));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(log[9].outcome, Outcome::unknown);
    EXPECT_EQ(log[9].failure, Failure::connection);
    EXPECT_EQ(server.accepted(), 2);
    EXPECT_EQ(log[199].outcome, Outcome::ok);
}

TEST(Generator, RecordsItsOwnLagAndLeavesNoIntendedStartOut) {
    // The generator's thread is held up for 100 ms while it asks where to reconnect.
    std::atomic<int> asked{0};
    std::atomic<int> commands{0};
    FakeServer server([&](FakeServer::Talk& talk) {
        test::resp_answers([&](const std::vector<std::string>&) {
            if (++commands == 20) talk.close = true;
            return std::string("+OK\r\n");
        })(talk);
    });
    LoadSpec spec = sets(1000);
    spec.connections = 1;
    LoadTargets targets = one(server.endpoint());
    targets.current = [&] {
        if (++asked == 2) std::this_thread::sleep_for(100ms);
        return std::vector<int>{0};
    };
    const auto load = started(spec, std::move(targets));
    ASSERT_TRUE(reaches(*load, 200));
    load->stop();
    const OperationLog log = load->take_log();
    std::size_t late = 0;
    for (std::size_t i = 1; i < log.size(); ++i) {
        ASSERT_EQ(log[i].intended_ns - log[i - 1].intended_ns, 1'000'000);
        if (log[i].lag_us >= 20'000) ++late;
    }
    EXPECT_GE(late, 70U);
}

TEST(Generator, WaitingForTheTargetIsNotItsOwnLag) {
    FakeServer server(always_ok());
    server.stall(true);
    LoadSpec spec = sets(1000);
    spec.connections = 1;
    spec.parameters.set("pipeline", std::int64_t{1});
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(eventually([&] { return load->progress().intended >= 500; }));
    server.stall(false);
    ASSERT_TRUE(reaches(*load, 500));
    load->stop();
    const OperationLog log = load->take_log();
    // All of these took at least 200 ms; a median keeps a busy machine out of it.
    std::vector<std::uint32_t> lags;
    for (std::size_t i = 1; i < 300; ++i) {
        EXPECT_GE(log[i].end_ns - log[i].intended_ns, 199'000'000);
        lags.push_back(log[i].lag_us);
    }
    std::sort(lags.begin(), lags.end());
    EXPECT_LT(lags[lags.size() / 2], 150'000U);
}

TEST(Generator, TimeoutDropsTheConnectionWhereAsked) {
    FakeServer server(always_ok());
    LoadSpec spec = sets(500);
    spec.connections = 1;
    spec.timeout = 100ms;
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 10));
    server.stall(true);
    ASSERT_TRUE(eventually([&] { return load->progress().unknown > 0; }));
    server.stall(false);
    const std::uint64_t ok = load->progress().ok;
    ASSERT_TRUE(eventually([&] { return load->progress().ok > ok + 20; }));
    load->stop();
    EXPECT_GE(server.accepted(), 2);
}

TEST(Generator, RepliesAreMatchedInTheOrderOfRequests) {
    // INCR answers with the number of the request, so every version tells which reply it got.
    std::atomic<int> count{0};
    FakeServer server(test::resp_answers(
        [&](const std::vector<std::string>&) { return ":" + std::to_string(count++) + "\r\n"; }));
    LoadSpec spec = load_spec("redis", 20000);
    spec.connections = 1;
    spec.parameters.set("operations", std::map<std::string, double>{{"incr", 1.0}});
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 5000));
    load->stop();
    const OperationLog log = load->take_log();
    for (std::size_t i = 0; i < 5000; ++i)
        ASSERT_EQ(log[i].version, i);
}

TEST(Generator, LargeRequestsSurviveASlowReader) {
    FakeServer server(always_ok());
    server.stall(true);
    LoadSpec spec = sets(2000);
    spec.connections = 2;
    spec.parameters.set("value_bytes", std::int64_t{100'000});
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(eventually([&] { return load->progress().intended >= 200; }));
    server.stall(false);
    ASSERT_TRUE(reaches(*load, 200));
    load->stop();
    const OperationLog log = load->take_log();
    for (std::size_t i = 0; i < 200; ++i)
        ASSERT_EQ(log[i].outcome, Outcome::ok) << i;
}

TEST(Generator, SpreadsConnectionsOverTheEndpoints) {
    FakeServer first(always_ok());
    FakeServer second(always_ok());
    const LoadTargets targets{.endpoints = {first.endpoint(), second.endpoint()}};
    const auto load = started(sets(1000), targets);
    ASSERT_TRUE(reaches(*load, 100));
    load->stop();
    EXPECT_EQ(first.accepted(), 2);
    EXPECT_EQ(second.accepted(), 2);
    std::set<int> endpoints;
    const OperationLog log = load->take_log();
    for (std::size_t i = 0; i < log.size(); ++i)
        endpoints.insert(log[i].endpoint);
    EXPECT_EQ(endpoints, (std::set<int>{0, 1}));
}

TEST(Generator, StopsAtOnceWithABacklogAndCanBeDroppedUnstopped) {
    FakeServer server(always_ok());
    LoadSpec spec = sets(1'000'000);
    spec.in_flight_max = 10;
    {
        const auto load = started(spec, one(server.endpoint()));
        ASSERT_TRUE(eventually([&] { return load->progress().intended >= 50'000; }));
        load->stop();
        EXPECT_GT(load->progress().failed, 0U);
        EXPECT_EQ(load->settled_since(0).size(), load->progress().intended);
    }
    const auto dropped = started(spec, one(server.endpoint()));
}

}  // namespace
}  // namespace faultline
