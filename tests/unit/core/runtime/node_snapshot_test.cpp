// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "faultline/failpoint.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/runtime/node_group.hpp"

namespace ftcore::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::size_t kilobyte = 1024;

/// Takes a snapshot after little log.
void eager(NodeSettings& settings) {
    settings.snapshot_log_bytes = 64 * kilobyte;
    settings.segment_bytes = 1024 * kilobyte;
}

class NodeSnapshot : public ::testing::Test {
  protected:
    ~NodeSnapshot() override { faultline::disarm_all_failpoints(); }
};

TEST_F(NodeSnapshot, ThatCannotBeRestoredKeepsTheNodeFromOpening) {
    NodeGroup group(1, {.adjust = eager});
    group.start();
    group.fill(100, 10 * kilobyte);
    group.run_until([&] { return group.status(0).snapshot.index > 10; }, "there is a snapshot");
    group.close(0);
    group.tapes[0] = std::make_unique<Tape>();
    group.tapes[0]->refuses_snapshots = true;
    const auto opened = group.open(0);
    ASSERT_FALSE(opened) << "an empty node would go on as if it had everything";
    EXPECT_THAT(opened.error().message, HasSubstr("cannot be read"));
}

TEST_F(NodeSnapshot, ThatCannotBeSavedIsGivenUpAndTakenAgainLater) {
    NodeGroup group(1, {.adjust = eager});
    group.start();
    group.tapes[0]->piece_bytes = 4 * kilobyte;  // many turns
    std::atomic<int> writes = 0;
    ASSERT_TRUE(faultline::arm_failpoint("snapshot.write",
                                         [&writes] { return ++writes <= 3 ? ENOSPC : 0; }));
    group.fill(400, 10 * kilobyte);
    group.run_until([&] { return group.status(0).snapshot.index > 0; }, "there is a snapshot");
    EXPECT_GE(group.tapes[0]->snapshots, 2U);
    EXPECT_EQ(group.tapes[0]->open_sources_max, 1U);
    EXPECT_THAT(group.nodes[0]->errors(), Contains(HasSubstr("snapshot")));
}

/// The third of three was away while the others went so far that it needs a snapshot.
void leave_one_behind(NodeGroup& group, std::size_t away) {
    constexpr std::size_t entries = 5000;  // a few more than are kept behind a snapshot
    constexpr std::size_t enough = 4300;
    group.close(away);
    group.fill(entries, 100);
    for (std::size_t node = 0; node < 3; ++node) {
        if (node == away) continue;
        group.run_until(
            [&] {
                const NodeStatus status = group.status(node);
                return status.snapshot.index > enough && status.log_bytes < 64 * kilobyte;
            },
            "its newest snapshot holds nearly all");
    }
}

TEST_F(NodeSnapshot, ThatComesAndCannotBeRestoredIsolatesTheNode) {
    NodeGroup group(3, {.adjust = eager});
    group.start();
    const std::size_t away = (*group.primary() + 1) % 3;
    leave_one_behind(group, away);
    group.tapes[away] = std::make_unique<Tape>();
    group.tapes[away]->refuses_snapshots = true;
    ASSERT_TRUE(group.open(away));
    group.run_until([&] { return group.status(away).life_cycle == "isolated"; },
                    "it takes no part, although nobody listens to its end");
    EXPECT_THAT(group.nodes[away]->errors(), Contains(HasSubstr("this tape cannot be read")));
    ErrorCode read = ErrorCode::none;
    group.nodes[away]->read([&read](ErrorCode outcome) { read = outcome; });
    EXPECT_EQ(read, ErrorCode::not_ready);
    const std::size_t commands = group.tapes[away]->commands;
    group.fill(5, 10);
    EXPECT_EQ(group.tapes[away]->commands, commands);
}

/// One bit of the newest snapshot.
void damage_snapshot(const std::filesystem::path& folder) {
    std::filesystem::path newest;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "snapshot")) {
        if (entry.path().extension() == ".snap") newest = std::max(newest, entry.path());
    }
    std::fstream file(newest, std::ios::in | std::ios::out | std::ios::binary);
    const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(newest) / 2);
    file.seekg(middle);
    const char byte = static_cast<char>(file.get());
    file.seekp(middle);
    file.put(static_cast<char>(byte ^ 0x10));
}

TEST_F(NodeSnapshot, ThatIsFoundDamagedIsTakenAgain) {
    NodeGroup group(3, {.adjust = eager});
    group.start();
    const std::size_t primary = *group.primary();
    const std::size_t away = (primary + 1) % 3;
    leave_one_behind(group, away);
    const Index damaged = group.status(primary).snapshot.index;
    damage_snapshot(group.folder(primary));
    ASSERT_TRUE(group.open(away));
    group.run_until([&] { return group.status(primary).snapshot.index > damaged; },
                    "whoever has the damaged one writes a fresh one");
    group.run_until([&] { return group.converged(); }, "the one that was away is back");
    const auto report = group.nodes[primary]->report();
    EXPECT_THAT(report, Contains(HasSubstr("corruption")));
    EXPECT_THAT(report, Contains(HasSubstr("memory"))) << "what the repair cost";
}

}  // namespace
}  // namespace ftcore::testing
