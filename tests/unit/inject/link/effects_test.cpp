// SPDX-License-Identifier: Apache-2.0
// Putting effects on, replacing them and taking them away.
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/inject/link/stages.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {
namespace {

using link::Door;
using link::OpenConnections;
using link::Tally;

/// Puts a letter in front of every chunk: shows which stages bytes passed, and in which order.
class MarkStage final : public link::Stage {
  public:
    explicit MarkStage(char mark) : mark_(mark) {}
    void push(link::Chunk chunk, link::Outlet& below) override {
        chunk.bytes.insert(chunk.bytes.begin(), mark_);
        below.push(std::move(chunk));
    }

  private:
    char mark_;
};

struct Pair {
    Wire client;
    Wire server;
};

Pair connect_through(const OneLink& link, TestServer& server) {
    Pair pair;
    pair.client = Wire::connect(link.address);
    pair.server = server.accept();
    EXPECT_TRUE(pair.client && pair.server);
    return pair;
}

/// What one letter sent by the client has become.
std::string passed(Pair& pair, std::size_t bytes) {
    EXPECT_TRUE(pair.client.send("x"));
    return pair.server.read(bytes);
}

TEST(Effects, WorkInTheOrderInWhichTheirIdsCame) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    link.put("a", on_both<MarkStage>('a'));
    link.put("b", on_both<MarkStage>('b'));
    EXPECT_EQ(passed(pair, 3), "bax");
    // Replacing keeps the place.
    link.put("a", on_both<MarkStage>('A'));
    EXPECT_EQ(passed(pair, 3), "bAx");
    Pair later = connect_through(link, server);
    EXPECT_EQ(passed(later, 3), "bAx");
    // Taken away and put on again it comes last.
    link.take("a");
    EXPECT_EQ(passed(pair, 2), "bx");
    link.put("a", on_both<MarkStage>('a'));
    EXPECT_EQ(passed(pair, 3), "abx");
    link.take("a");
    link.take("b");
    link.take("never there");
    EXPECT_EQ(passed(pair, 1), "x");
    EXPECT_EQ(passed(later, 1), "x");
}

TEST(Effects, ChangeTogetherOrNotAtAll) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    link.engine->apply({{.link = link.id, .id = "a", .effect = on_both<MarkStage>('a')},
                        {.link = link.id, .id = "b", .effect = on_both<MarkStage>('b')},
                        {.link = link::LinkId{999}, .id = "c", .effect = on_both<MarkStage>('c')},
                        {.link = link.id, .id = "a"}});
    EXPECT_EQ(passed(pair, 2), "bx");
}

TEST(Effects, WorkOnTheWaysTheyHaveStagesFor) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    link.put("down", effect({.down = [](Random&) { return std::make_unique<MarkStage>('d'); }}));
    EXPECT_EQ(passed(pair, 1), "x");
    EXPECT_TRUE(pair.server.send("y"));
    EXPECT_EQ(pair.client.read(2), "dy");
    link.put("down", effect({.up = [](Random&) { return std::make_unique<MarkStage>('u'); }}));
    EXPECT_EQ(passed(pair, 2), "ux");
    EXPECT_TRUE(pair.server.send("y"));
    EXPECT_EQ(pair.client.read(1), "y");
}

/// Which of `count` connections, made one after the other, an effect is on.
std::vector<bool> fates(std::uint64_t seed, double probability, std::size_t count, Tally& tally) {
    TestServer server;
    const OneLink link = one_link(server.address(), {.seed = seed});
    const std::shared_ptr<Tally> shared(&tally, [](Tally*) {});
    link.put("mark", on_both<MarkStage>('m'), shared, probability);
    std::vector<bool> all;
    for (std::size_t index = 0; index < count; ++index) {
        Pair pair = connect_through(link, server);
        EXPECT_TRUE(pair.client.send("x"));
        pair.client.finish();
        all.push_back(pair.server.read_to_end() == "mx");
    }
    return all;
}

TEST(Effects, DrawByTheSeed) {
    Tally first;
    Tally second;
    Tally third;
    const auto drawn = fates(7, 0.5, 60, first);
    EXPECT_EQ(drawn, fates(7, 0.5, 60, second));
    EXPECT_NE(drawn, fates(8, 0.5, 60, third));
    EXPECT_EQ(first.connections.get() + first.spared.get(), 60U);
    EXPECT_EQ(first.connections.get(),
              static_cast<std::uint64_t>(std::count(drawn.begin(), drawn.end(), true)));
    // The draw is what the header says.
    for (std::uint64_t number = 0; number < drawn.size(); ++number) {
        Random random = Random(7).fork("link a->b").fork("effect mark", number);
        EXPECT_EQ(drawn[number], random.uniform() < 0.5);
    }
}

TEST(Effects, TouchNoneAtProbabilityZeroAndAllAtOne) {
    Tally none;
    Tally all;
    EXPECT_EQ(fates(3, 0, 20, none), std::vector<bool>(20, false));
    EXPECT_EQ(none.connections.get(), 0U);
    EXPECT_EQ(none.spared.get(), 20U);
    EXPECT_EQ(fates(3, 1, 20, all), std::vector<bool>(20, true));
    EXPECT_EQ(all.spared.get(), 0U);
}

TEST(Effects, KeepAConnectionsFateWhateverElseChanges) {
    TestServer server;
    const OneLink link = one_link(server.address(), {.seed = 11});
    std::vector<Pair> pairs;
    for (int count = 0; count < 16; ++count)
        pairs.push_back(connect_through(link, server));
    const auto look = [&] {
        std::vector<bool> all;
        for (Pair& pair : pairs) {
            EXPECT_TRUE(pair.client.send("x"));
            const bool marked = pair.server.read(1) == "m";
            if (marked) {
                EXPECT_EQ(pair.server.read(1), "x");
            }
            all.push_back(marked);
        }
        return all;
    };
    link.put("mark", on_both<MarkStage>('m'), std::make_shared<Tally>(), 0.5);
    const auto before = look();
    EXPECT_NE(before, std::vector<bool>(16, true));
    EXPECT_NE(before, std::vector<bool>(16, false));
    link.put("other", on_both<SliceStage>(std::size_t{1}), std::make_shared<Tally>(), 0.5);
    EXPECT_EQ(look(), before);
    link.put("mark", on_both<MarkStage>('m'), std::make_shared<Tally>(), 0.5);
    EXPECT_EQ(look(), before);
    link.take("other");
    EXPECT_EQ(look(), before);
    link.put("mark", on_both<MarkStage>('m'), std::make_shared<Tally>(), 1);
    EXPECT_EQ(look(), std::vector<bool>(16, true));
    link.put("mark", on_both<MarkStage>('m'), std::make_shared<Tally>(), 0.5);
    EXPECT_EQ(look(), before);
}

TEST(Effects, DelayAndLetGoInOrder) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    link.put("slow", on_both<DelayStage>(Duration(std::chrono::milliseconds(20))));
    const Instant sent = now();
    EXPECT_TRUE(pair.client.send("late"));
    EXPECT_EQ(pair.server.read(4), "late");
    EXPECT_GE(now() - sent, std::chrono::milliseconds(20));
    // What is held when the effect goes comes at once, and first.
    link.put("slow", on_both<DelayStage>(Duration(std::chrono::hours(1))));
    EXPECT_TRUE(pair.client.send("held "));
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).up.received == 9; }));
    link.take("slow");
    EXPECT_TRUE(pair.client.send("free"));
    EXPECT_EQ(pair.server.read(9), "held free");
}

TEST(Effects, HoldTheEndOfTheStreamBehindTheBytes) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    link.put("slow", on_both<DelayStage>(Duration(std::chrono::milliseconds(20))));
    EXPECT_TRUE(pair.client.send("question"));
    pair.client.finish();
    EXPECT_EQ(pair.server.read_to_end(), "question");
    EXPECT_TRUE(pair.server.send("answer"));
    pair.server.close();
    EXPECT_EQ(pair.client.read_to_end(), "answer");
    EXPECT_EQ(pair.client.ending(), Ending::end);
}

TEST(Effects, HoldBackWithinTheBound) {
    TestServer server;
    const OneLink link = one_link(server.address(), {.held_bytes_max = 100'000});
    Pair pair = connect_through(link, server);
    link.put("slow", on_both<DelayStage>(Duration(std::chrono::hours(1))));
    const std::size_t taken = pair.client.send_until_blocked();
    EXPECT_GT(taken, 100'000U);
    EXPECT_EQ(link.engine->counts(link.id).up.received, 100'000U);
    EXPECT_EQ(link.engine->counts(link.id).up.sent, 0U);
    link.take("slow");
    pair.client.finish();
    EXPECT_EQ(pair.server.read_to_end().size(), taken);
}

TEST(Effects, StopReadingWhenAStageTakesNoMore) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    link.put("stall", on_both<StallStage>());
    EXPECT_TRUE(pair.client.send("first"));
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).up.received == 5; }));
    EXPECT_TRUE(pair.client.send("second"));
    pair.client.finish();
    EXPECT_EQ(link.engine->counts(link.id).up.received, 5U);
    link.take("stall");
    EXPECT_EQ(pair.server.read_to_end(), "firstsecond");
}

TEST(Effects, EndConnectionsFromWithin) {
    TestServer server;
    const OneLink link = one_link(server.address());
    for (const bool with_reset : {true, false}) {
        Pair pair = connect_through(link, server);
        link.put("end", on_both<EndingStage>(std::size_t{4}, with_reset));
        EXPECT_TRUE(pair.client.send("123456789"));
        if (with_reset) {
            EXPECT_EQ(pair.client.wait_for_end(), Ending::reset);
            EXPECT_EQ(pair.server.wait_for_end(), Ending::reset);
        } else {
            EXPECT_EQ(pair.server.read_to_end(), "1234");
            EXPECT_EQ(pair.server.ending(), Ending::end);
            EXPECT_EQ(pair.client.wait_for_end(), Ending::end);
        }
        link.take("end");
    }
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 0; }));
}

TEST(Effects, DeliverWhatIsBelowAStageThatCloses) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    link.put("limit", on_both<EndingStage>(std::size_t{4}, false));
    link.put("slow", on_both<DelayStage>(Duration(std::chrono::milliseconds(20))));
    EXPECT_TRUE(pair.client.send("123456789"));
    EXPECT_EQ(pair.client.wait_for_end(), Ending::end);
    EXPECT_EQ(pair.server.read_to_end(), "1234");
    EXPECT_EQ(pair.server.ending(), Ending::end);
}

TEST(Effects, EndOpenConnectionsWhenPutOn) {
    TestServer server;
    const OneLink link = one_link(server.address());
    for (const auto how : {OpenConnections::reset, OpenConnections::close}) {
        Pair pair = connect_through(link, server);
        const auto tally = std::make_shared<Tally>();
        link.put("end", effect({.open = how}), tally);
        const Ending expected = how == OpenConnections::reset ? Ending::reset : Ending::end;
        EXPECT_EQ(pair.client.wait_for_end(), expected);
        EXPECT_EQ(pair.server.wait_for_end(), expected);
        EXPECT_EQ(tally->resets.get(), how == OpenConnections::reset ? 1U : 0U);
        EXPECT_EQ(tally->closes.get(), how == OpenConnections::close ? 1U : 0U);
        EXPECT_TRUE(tally->first());
        // New ones are let in.
        Pair later = connect_through(link, server);
        EXPECT_EQ(passed(later, 1), "x");
        link.take("end");
        EXPECT_EQ(passed(later, 1), "x");
    }
}

TEST(Effects, EndConnectionsWhenTakenAway) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    const auto stall = [](Random&) { return std::make_unique<StallStage>(); };
    link.put("stall", effect({.up = stall, .down = stall, .removed = OpenConnections::close}));
    EXPECT_TRUE(pair.client.send("never arrives"));
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).up.received == 13; }));
    link.take("stall");
    EXPECT_EQ(pair.server.read_to_end(), "");
    EXPECT_EQ(pair.client.wait_for_end(), Ending::end);
}

TEST(Effects, RefuseAndKeepThePort) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair open = connect_through(link, server);
    const auto tally = std::make_shared<Tally>();
    for (int round = 0; round < 3; ++round) {
        link.put("down", effect({.door = Door::refuse}), tally);
        EXPECT_FALSE(Wire::connect(link.address));
        EXPECT_FALSE(link.engine->open(
            {.name = "thief", .listen = link.address, .upstream = server.address()}));
        EXPECT_EQ(passed(open, 1), "x");
        link.take("down");
        Pair later = connect_through(link, server);
        EXPECT_EQ(passed(later, 1), "x");
    }
    EXPECT_TRUE(tally->first());
}

TEST(Effects, RefuseThoseThatAreDrawn) {
    TestServer server;
    const OneLink link = one_link(server.address(), {.seed = 5});
    const auto tally = std::make_shared<Tally>();
    link.put("down", effect({.door = Door::refuse}), tally, 0.5);
    std::uint64_t let_in = 0;
    for (int count = 0; count < 40; ++count) {
        Wire client = Wire::connect(link.address);
        ASSERT_TRUE(eventually(
            [&] { return !client || server.somebody_waits() || client.readable_now(); }));
        if (client && server.somebody_waits()) {
            EXPECT_TRUE(server.accept());
            ++let_in;
        } else {
            EXPECT_EQ(client.wait_for_end(), Ending::reset);
        }
    }
    EXPECT_EQ(tally->resets.get() + let_in, 40U);
    EXPECT_EQ(tally->resets.get(), tally->connections.get());
    EXPECT_GT(tally->resets.get(), 5U);
    EXPECT_LT(tally->resets.get(), 35U);
}

TEST(Effects, StaySilentAndConnectOnLater) {
    TestServer server;
    const OneLink link = one_link(server.address());
    const auto tally = std::make_shared<Tally>();
    link.put("silent", effect({.door = Door::silent}), tally);
    Pair pair;
    pair.client = Wire::connect(link.address);
    ASSERT_TRUE(pair.client);
    EXPECT_TRUE(pair.client.send("anybody there?"));
    Wire leaver = Wire::connect(link.address);
    EXPECT_TRUE(eventually([&] { return tally->silent.get() == 2; }));
    EXPECT_EQ(link.engine->counts(link.id).open, 2U);
    leaver.close();
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 1; }));
    EXPECT_FALSE(server.somebody_waits());
    EXPECT_FALSE(pair.client.readable_now());
    EXPECT_EQ(link.engine->counts(link.id).up.received, 0U);
    link.take("silent");
    pair.server = server.accept();
    ASSERT_TRUE(pair.server);
    EXPECT_EQ(pair.server.read(14), "anybody there?");
    EXPECT_FALSE(server.somebody_waits());
}

TEST(Effects, StaySilentWhileOneOfThemSaysSo) {
    TestServer server;
    const OneLink link = one_link(server.address());
    link.put("one", effect({.door = Door::silent}));
    link.put("two", effect({.door = Door::silent}));
    const Wire client = Wire::connect(link.address);
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 1; }));
    link.take("one");
    EXPECT_FALSE(server.somebody_waits());
    link.put("two", on_both<SliceStage>(std::size_t{1}));
    EXPECT_TRUE(server.accept());
}

TEST(Effects, KeepAStageThatIsAlwaysDueFromStoppingTheEngine) {
    class Restless final : public link::Stage {
        [[nodiscard]] Instant wake() const override { return Instant::min(); }
    };
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair restless = connect_through(link, server);
    link.put("restless", on_both<Restless>());
    EXPECT_EQ(passed(restless, 1), "x");
    Pair other = connect_through(link, server);
    EXPECT_EQ(passed(other, 1), "x");
    link.take("restless");
    EXPECT_EQ(passed(restless, 1), "x");
}

TEST(Effects, ComeAndGoWhileBytesFlow) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    const std::string up = noise(std::size_t{24} << 20, 21);
    const std::string down = noise(std::size_t{24} << 20, 22);
    std::atomic<bool> done = false;
    std::thread client_sends([&] {
        EXPECT_TRUE(pair.client.send(up));
        pair.client.finish();
    });
    std::thread server_sends([&] {
        EXPECT_TRUE(pair.server.send(down));
        pair.server.finish();
    });
    std::thread reading([&] {
        EXPECT_TRUE(pair.client.read_to_end() == down);
        done = true;
    });
    std::thread changing([&] {
        Random random(23);
        const std::vector<std::string> ids{"a", "b", "c"};
        while (!done) {
            const std::string& id = ids[random.below(ids.size())];
            switch (random.below(4)) {
                case 0:
                    link.put(id, on_both<DelayStage>(Duration(random.below(3'000'000))));
                    break;
                case 1:
                    link.put(id, on_both<SliceStage>(std::size_t{1000 + random.below(30'000)}));
                    break;
                default:
                    link.take(id);
                    break;
            }
        }
        for (const std::string& id : ids)
            link.take(id);
    });
    EXPECT_TRUE(pair.server.read_to_end() == up);
    for (std::thread* thread : {&client_sends, &server_sends, &reading, &changing})
        thread->join();
}

}  // namespace
}  // namespace faultline::testing
