// SPDX-License-Identifier: Apache-2.0
// Putting effects on, replacing them and taking them away.
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/inject/link/stages.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {
namespace {

TEST(Effects, WorkInTheOrderInWhichTheirIdsCame) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    link.put("a", on_both<MarkStage>('a'));
    link.put("b", on_both<MarkStage>('b'));
    EXPECT_EQ(pair.passed(3), "bax");
    // Replacing keeps the place.
    link.put("a", on_both<MarkStage>('A'));
    EXPECT_EQ(pair.passed(3), "bAx");
    Pair later = connect_through(link, server);
    EXPECT_EQ(later.passed(3), "bAx");
    // Taken away and put on again it comes last.
    link.take("a");
    EXPECT_EQ(pair.passed(2), "bx");
    link.put("a", on_both<MarkStage>('a'));
    EXPECT_EQ(pair.passed(3), "abx");
    link.take("a");
    link.take("b");
    link.take("never there");
    EXPECT_EQ(pair.passed(1), "x");
    EXPECT_EQ(later.passed(1), "x");
}

TEST(Effects, ChangeTogetherOrNotAtAll) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    link.engine->apply({{.link = link.id, .id = "a", .effect = on_both<MarkStage>('a')},
                        {.link = link.id, .id = "b", .effect = on_both<MarkStage>('b')},
                        {.link = link::LinkId{999}, .id = "c", .effect = on_both<MarkStage>('c')},
                        {.link = link.id, .id = "a"}});
    EXPECT_EQ(pair.passed(2), "bx");
}

TEST(Effects, WorkOnTheWaysTheyHaveStagesFor) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    link.put("down", effect({.down = [](Random&) { return std::make_unique<MarkStage>('d'); }}));
    EXPECT_EQ(pair.passed(1), "x");
    EXPECT_TRUE(pair.server.send("y"));
    EXPECT_EQ(pair.client.read(2), "dy");
    link.put("down", effect({.up = [](Random&) { return std::make_unique<MarkStage>('u'); }}));
    EXPECT_EQ(pair.passed(2), "ux");
    EXPECT_TRUE(pair.server.send("y"));
    EXPECT_EQ(pair.client.read(1), "y");
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

TEST(Effects, KeepAStageThatIsAlwaysDueFromStoppingTheEngine) {
    class Restless final : public link::Stage {
        [[nodiscard]] Instant wake() const override { return Instant::min(); }
    };
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair restless = connect_through(link, server);
    link.put("restless", on_both<Restless>());
    EXPECT_EQ(restless.passed(1), "x");
    Pair other = connect_through(link, server);
    EXPECT_EQ(other.passed(1), "x");
    link.take("restless");
    EXPECT_EQ(restless.passed(1), "x");
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
