// SPDX-License-Identifier: Apache-2.0
// Histories of a register that really is one, and of one that is not.
#include <algorithm>

#include <gtest/gtest.h>

#include "harness/base/random.hpp"
#include "tests/unit/load/read_history.hpp"

namespace faultline {
namespace {

using test::read_kind;
using test::ReadHistory;
using test::Span;
using test::write_kind;

/// An operation takes effect at one instant between sending and end; a write whose outcome is
/// unknown maybe long after, or never. The reads of a replica are answered as things stood `behind`
/// earlier.
struct Register {
    std::uint64_t seed = 0;
    std::int64_t behind = 0;
    bool counters = false;
};

ReadHistory played(const Register& register_) {
    struct Effect {
        std::int64_t at;
        std::uint32_t index;
        bool read;
        auto operator<=>(const Effect&) const = default;
    };
    Random random(register_.seed);
    ReadHistory history(register_.counters);
    std::vector<Effect> effects;
    const auto duration = [&](std::uint64_t most) {
        return static_cast<std::int64_t>(random.below(most));
    };
    const std::uint64_t key_count = 1 + random.below(4);
    std::int64_t sent = 1;
    for (int i = 0; i < 400; ++i) {
        sent += duration(20);
        history.key = static_cast<std::uint32_t>(random.below(key_count));
        const bool read = random.uniform() < 0.5;
        const bool unknown = random.uniform() < 0.1;
        const std::int64_t at = sent + duration(60);
        const Span span{sent, at + duration(60)};
        const auto index = history.add(
            read ? read_kind : write_kind, span, unknown ? Outcome::unknown : Outcome::ok, 0);
        if (!unknown || read) {
            effects.push_back({at, index, read});
        } else if (random.uniform() < 0.7) {
            effects.push_back({at + duration(500), index, read});
        }
    }
    // What a read returns is what stood at its instant, or `behind` before.
    for (Effect& effect : effects) {
        if (effect.read) effect.at = std::max<std::int64_t>(0, effect.at - register_.behind);
    }
    std::sort(effects.begin(), effects.end());
    std::vector<std::uint32_t> versions(key_count, 0);  // as a read would say them
    OperationLog& log = history.log();
    for (const Effect& effect : effects) {
        Operation& operation = log[effect.index];
        std::uint32_t& version = versions[operation.key];
        if (effect.read) {
            operation.version = version;
        } else if (register_.counters) {
            operation.version = std::max(version, 1U);
            version = operation.version + 1;
        } else {
            version = effect.index + 1;
        }
    }
    return history;
}

TEST(StaleReads, NeverAFalseAlarmOnALinearizableHistory) {
    for (const bool counters : {false, true}) {
        for (std::uint64_t seed = 1; seed <= 500; ++seed) {
            const StaleReads found = played({.seed = seed, .counters = counters}).found();
            ASSERT_EQ(found.stale, 0U) << "seed " << seed << " counters " << counters;
            ASSERT_GT(found.checked, 100U);
        }
    }
}

TEST(StaleReads, ReadsFromAReplicaThatLagsAreFound) {
    for (const bool counters : {false, true}) {
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
            const Register lagging{.seed = seed, .behind = 400, .counters = counters};
            ASSERT_GT(played(lagging).stale(), 10U) << "seed " << seed << " counters " << counters;
        }
    }
}

/// Says by definition what find_stale_reads says by sorting.
std::uint64_t stale_by_definition(const OperationLog& log) {
    constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
    const auto is_read = [&](std::size_t i) {
        return log[i].kind == read_kind && log[i].outcome == Outcome::ok;
    };
    std::vector<std::int64_t> known(log.size(), never);
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (log[i].kind == write_kind && log[i].outcome == Outcome::ok) known[i] = log[i].end_ns;
    }
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (is_read(i) && log[i].version > 0)
            known[log[i].version - 1] = std::min(known[log[i].version - 1], log[i].end_ns);
    }
    std::uint64_t stale = 0;
    for (std::size_t read = 0; read < log.size(); ++read) {
        if (!is_read(read)) continue;
        bool found = false;
        for (std::size_t v = 0; v < log.size(); ++v) {
            if (log[v].kind != write_kind || log[v].key != log[read].key) continue;
            if (known[v] >= sent_ns(log[read])) continue;
            found =
                found || log[read].version == 0 || sent_ns(log[v]) > known[log[read].version - 1];
        }
        stale += found ? 1 : 0;
    }
    return stale;
}

TEST(StaleReads, AreThoseOfTheDefinition) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        ReadHistory history = played({.seed = seed, .behind = 100});
        ASSERT_EQ(history.stale(), stale_by_definition(history.log())) << "seed " << seed;
    }
}

}  // namespace
}  // namespace faultline
