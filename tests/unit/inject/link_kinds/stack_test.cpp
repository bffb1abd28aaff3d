// SPDX-License-Identifier: Apache-2.0
// Whatever is stacked on a connection, bytes keep their order and their content.
#include <bit>

#include <gtest/gtest.h>

#include "harness/inject/link/kinds/bandwidth.hpp"
#include "harness/inject/link/kinds/corrupt.hpp"
#include "harness/inject/link/kinds/latency.hpp"
#include "harness/inject/link/kinds/limit.hpp"
#include "harness/inject/link/kinds/slice.hpp"
#include "harness/inject/link/kinds/slow_close.hpp"
#include "harness/inject/link/kinds/stall.hpp"
#include "tests/unit/inject/link_kinds/virtual_connection.hpp"

namespace faultline::link {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr int stacks = 300;
constexpr int steps = 60;

Duration some_time(Random& random, Duration most) {
    return Duration(
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most.count()) + 1)));
}

/// A stage that neither ends connections nor changes bytes.
Result<std::shared_ptr<Effect>> some_effect(Random& random) {
    const Ways ways{.up = random.below(4) > 0, .down = random.below(4) > 0};
    switch (random.below(6)) {
        case 0: {
            DelaySpec delay{.shape = static_cast<DelayShape>(random.below(5)),
                            .delay = some_time(random, milliseconds(50))};
            const bool spreads =
                delay.shape == DelayShape::uniform || delay.shape == DelayShape::normal;
            if (spreads) delay.spread = some_time(random, milliseconds(50));
            return make_latency({.delay = delay,
                                 .per = static_cast<LatencySpec::Per>(random.below(2)),
                                 .ways = ways});
        }
        case 1:
            return make_bandwidth({.rate = 1000 + random.below(1'000'000),
                                   .share = static_cast<BandwidthSpec::Share>(random.below(2)),
                                   .ways = ways});
        case 2: {
            const std::uint64_t average = 1 + random.below(500);
            return make_slice({.average = average,
                               .variation = random.below(average + 1),
                               .delay = some_time(random, milliseconds(2)),
                               .ways = ways});
        }
        case 3:
            return make_slow_close({.delay = some_time(random, milliseconds(100)), .ways = ways});
        case 4:
            return make_stall({.ways = ways});
        default:
            return make_limit({.bytes = limit_max, .ways = ways});
    }
}

/// A connection with some effects on it, some bytes, and time that passes as it likes.
class RandomTraffic {
  public:
    explicit RandomTraffic(Random random) : random_(random) {
        for (std::uint64_t count = 1 + random_.below(4); count > 0; --count)
            attach();
    }

    void attach() {
        auto effect = some_effect(random_);
        ASSERT_TRUE(effect) << effect.error().message;
        effects_.push_back(std::move(*effect));
        connection.attach(*effects_.back(), tally_, random_.fork("effect", effects_.size()));
        ++attached_;
    }
    void step() {
        const Way way = random_.below(2) == 0 ? Way::up : Way::down;
        auto& sent = sent_by[static_cast<std::size_t>(way)];
        switch (random_.below(8)) {
            case 0:
                if (!ended_[static_cast<std::size_t>(way)] && random_.below(4) == 0) {
                    ended_[static_cast<std::size_t>(way)] = true;
                    connection.finish(way);
                }
                break;
            case 1:
                if (attached_ > 0 && random_.below(3) == 0) {
                    connection.detach(random_.below(attached_));
                    --attached_;
                }
                break;
            case 2:
                if (attached_ < 6 && random_.below(3) == 0) attach();
                break;
            case 3:
                connection.run_until(connection.time() + some_time(random_, milliseconds(80)));
                break;
            case 4:
                connection.jump_to(connection.time() + some_time(random_, milliseconds(80)));
                break;
            default:
                if (ended_[static_cast<std::size_t>(way)] || !connection.accepts(way)) break;
                const std::string bytes = some_bytes(
                    1 + random_.below(random_.below(2) == 0 ? 20 : 5000), random_.next());
                sent += bytes;
                connection.push(way, bytes);
        }
    }
    void heal() {
        for (; attached_ > 0; --attached_)
            connection.detach(random_.below(attached_));
    }
    [[nodiscard]] bool ended(Way way) const { return ended_[static_cast<std::size_t>(way)]; }

    VirtualConnection connection;
    std::string sent_by[2];

  private:
    Random random_;
    Tally tally_;
    std::vector<std::shared_ptr<Effect>> effects_;
    std::size_t attached_ = 0;
    bool ended_[2] = {false, false};
};

TEST(StackedStages, KeepOrderAndContentAndHealToNothing) {
    for (int stack = 0; stack < stacks; ++stack) {
        SCOPED_TRACE("seed " + std::to_string(stack));
        RandomTraffic traffic(Random(static_cast<std::uint64_t>(stack)));
        for (int step = 0; step < steps; ++step) {
            traffic.step();
            for (const Way way : {Way::up, Way::down}) {
                const std::string& sent = traffic.sent_by[static_cast<std::size_t>(way)];
                const std::string got = traffic.connection.out(way).bytes();
                ASSERT_TRUE(sent.starts_with(got));
                ASSERT_EQ(got.size() + traffic.connection.held(way), sent.size());
                ASSERT_TRUE(!traffic.connection.out(way).finished || got == sent);
            }
        }
        traffic.heal();
        for (const Way way : {Way::up, Way::down}) {
            EXPECT_EQ(traffic.connection.out(way).bytes(),
                      traffic.sent_by[static_cast<std::size_t>(way)]);
            EXPECT_EQ(traffic.connection.out(way).finished.has_value(), traffic.ended(way));
            EXPECT_EQ(traffic.connection.held(way), 0U);
        }
        EXPECT_FALSE(traffic.connection.closed_at());
        EXPECT_FALSE(traffic.connection.reset_at());
    }
}

TEST(StackedStages, WithCorruptionDifferInExactlyTheBitsItCounts) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        Random random(seed);
        RandomTraffic traffic(random.fork("traffic"));
        Tally tally;
        const auto corrupt = *make_corrupt({.share = 1e-3});
        traffic.connection.attach(*corrupt, tally, random.fork("corrupt"));
        std::string sent;
        for (int push = 0; push < 20; ++push) {
            sent += some_bytes(500, random.next());
            traffic.connection.push(Way::up, sent.substr(sent.size() - 500));
            traffic.connection.run_until(traffic.connection.time() + milliseconds(30));
        }
        traffic.connection.finish(Way::up);
        traffic.heal();
        const std::string got = traffic.connection.out(Way::up).bytes();
        ASSERT_EQ(got.size(), sent.size());
        std::uint64_t bits = 0;
        for (std::size_t index = 0; index < sent.size(); ++index) {
            const auto differing = static_cast<unsigned char>(sent[index] ^ got[index]);
            bits += static_cast<std::uint64_t>(std::popcount(differing));
        }
        EXPECT_EQ(bits, tally.bits.get()) << seed;
    }
}

}  // namespace
}  // namespace faultline::link
