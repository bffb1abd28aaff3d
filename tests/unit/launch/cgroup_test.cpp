// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/cgroup.hpp"

#include <gmock/gmock.h>

#include "harness/launch/pidfd.hpp"
#include "harness/launch/process.hpp"
#include "tests/unit/launch/launch_fixture.hpp"

namespace faultline {
namespace {

TEST(CgroupCreate, RefusesAFolderOfAnotherFileSystem) {
    const auto path = std::filesystem::temp_directory_path() / test::unique_name("fl-test");
    const auto group = Cgroup::create(path);
    ASSERT_FALSE(group);
    EXPECT_EQ(group.error().code, ErrorCode::unsupported);
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(CgroupOpen, SaysWhenThereIsNone) {
    const auto group = Cgroup::open("/no/such/cgroup");
    ASSERT_FALSE(group);
    EXPECT_EQ(group.error().code, ErrorCode::not_found);
}

class CgroupHere : public testing::Test {
  protected:
    void SetUp() override {
        const auto root = writable_cgroup_root();
        if (!root) GTEST_SKIP() << root.error().message;
        path_ = *root / test::unique_name("fl-test");
    }
    std::filesystem::path path_;
};

TEST_F(CgroupHere, RefusesToBeMadeTwice) {
    auto group = Cgroup::create(path_);
    ASSERT_TRUE(group) << group.error().message;
    const auto second = Cgroup::create(path_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::exists);
    EXPECT_TRUE(std::filesystem::exists(path_)) << "the one that was there must stay";
    EXPECT_TRUE(group->remove());
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(CgroupHere, KillsDescendantsThatLeftTheirSessionAndParent) {
    auto group = Cgroup::create(path_);
    ASSERT_TRUE(group) << group.error().message;
    SpawnRequest request;
    request.command = {"sh", "-c", "setsid sh -c 'sleep 1000 & sleep 1000 & wait' & wait"};
    request.environment = test::plain_environment();
    request.cgroup_fd = group->fd();
    auto process = spawn(request, best_launch_method());
    ASSERT_TRUE(process) << process.error().message;
    ASSERT_TRUE(test::eventually([&] { return group->members()->size() >= 4; }));
    EXPECT_TRUE(group->kill());
    EXPECT_TRUE(wait_ended(process->pidfd(), now() + test::patience));
    process->poll();
    EXPECT_TRUE(test::eventually([&] { return group->members()->empty(); }));
    EXPECT_TRUE(group->remove());
}

TEST_F(CgroupHere, RemovesGroupsBelowIt) {
    auto group = Cgroup::create(path_);
    ASSERT_TRUE(group) << group.error().message;
    auto below = Cgroup::create(path_ / "below");
    ASSERT_TRUE(below) << below.error().message;
    EXPECT_TRUE(group->remove());
    EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace faultline
