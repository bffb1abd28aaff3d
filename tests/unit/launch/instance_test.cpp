// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/instance.hpp"

#include <algorithm>
#include <csignal>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>

#include "harness/launch/audit.hpp"
#include "harness/launch/pidfd.hpp"
#include "harness/launch/process_table.hpp"
#include "tests/unit/launch/launch_fixture.hpp"

namespace faultline {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Setting {
    LaunchMethod method;
    bool cgroup;
};

// Every promise holds with and without a cgroup, and for both launchers.
class InstanceLife : public test::LaunchTest, public testing::WithParamInterface<Setting> {
  protected:
    void SetUp() override {
        LaunchTest::SetUp();
        auto guardian = Guardian::start(test::unique_name("run"));
        ASSERT_TRUE(guardian) << guardian.error().message;
        guardian_ = std::move(*guardian);
        trial_ = test::unique_name("trial");
        if (!GetParam().cgroup) return;
        const auto root = writable_cgroup_root();
        if (!root) GTEST_SKIP() << root.error().message;
        cgroup_ = *root / test::unique_name("fl-test");
    }
    void TearDown() override {
        AuditScope scope{.mark = trial_};
        if (!cgroup_.empty()) scope.cgroups = {cgroup_};
        if (guardian_) scope.known_children = {guardian_->pid()};
        reap_orphans(trial_, scope.known_children);
        EXPECT_THAT(audit_leaks(scope), IsEmpty());
        guardian_.reset();
        EXPECT_THAT(processes_marked("FAULTLINE_TRIAL", trial_), IsEmpty());
        if (!cgroup_.empty()) {
            EXPECT_FALSE(std::filesystem::exists(cgroup_));
        }
        ::prctl(PR_SET_CHILD_SUBREAPER, 0);
        LaunchTest::TearDown();
    }

    InstancePlan plan(const std::string& script) {
        InstancePlan plan;
        plan.name = "kv[0]";
        plan.target = "kv";
        plan.folder = folder() / "kv";
        plan.output_folder = folder() / "out";
        plan.command = {"sh", "-c", script};
        plan.environment = test::plain_environment();
        plan.environment["FAULTLINE_RUN"] = guardian_->run();
        plan.environment["FAULTLINE_TRIAL"] = trial_;
        plan.environment["FAULTLINE_INSTANCE"] = plan.name;
        if (!cgroup_.empty()) plan.cgroup = cgroup_;
        return plan;
    }
    std::unique_ptr<Instance> make(InstancePlan plan) {
        InstanceObserver observer;
        observer.on_line =
            [this](const std::string& instance, bool is_stderr, std::string_view line, Instant) {
                if (lines_.size() < 1000) {
                    lines_.push_back(instance + (is_stderr ? " E " : " O ") + std::string(line));
                }
                ++line_count_;
            };
        observer.on_exit = [this](const std::string&, const ExitStatus& status) {
            lines_.push_back(describe(status));
        };
        return std::make_unique<Instance>(
            loop_, *guardian_, GetParam().method, std::move(plan), std::move(observer));
    }
    std::unique_ptr<Instance> run(const std::string& script) {
        auto instance = make(plan(script));
        const auto started = instance->start();
        EXPECT_TRUE(started) << started.error().message;
        return instance;
    }
    bool ends(Instance& instance) {
        return loop_.wait_until(now() + test::patience, [&] { return !instance.running(); });
    }
    bool says(const std::string& line) {
        return loop_.wait_until(now() + test::patience, [&] {
            return std::find(lines_.begin(), lines_.end(), line) != lines_.end();
        });
    }
    void stop(Instance& instance) {
        instance.begin_stop();
        const auto stopped = instance.finish_stop(now() + test::patience);
        EXPECT_TRUE(stopped) << stopped.error().message;
    }

    Loop loop_;
    std::unique_ptr<Guardian> guardian_;
    std::filesystem::path cgroup_;
    std::string trial_;
    std::vector<std::string> lines_;
    std::size_t line_count_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Settings,
                         InstanceLife,
                         testing::Values(Setting{LaunchMethod::clone3, true},
                                         Setting{LaunchMethod::clone3, false},
                                         Setting{LaunchMethod::boost_process, true},
                                         Setting{LaunchMethod::boost_process, false}),
                         [](const auto& setting) {
                             return std::string(setting.param.method == LaunchMethod::clone3
                                                    ? "Clone3"
                                                    : "Boost") +
                                    (setting.param.cgroup ? "InCgroup" : "Plain");
                         });

TEST_P(InstanceLife, RemembersItsOwnMemoryAndNotThatOfItsParent) {
    constexpr std::size_t much = 128 << 20;
    const std::vector<char> parents(much, 'x');
    EXPECT_GT(memory_peak_of(::getpid()).value_or(0), parents.size());
    auto instance = run("echo ready; while :; do sleep 600; done");
    ASSERT_TRUE(says("kv[0] O ready"));
    EXPECT_EQ(instance->memory_peak(), std::nullopt);
    stop(*instance);
    ASSERT_TRUE(instance->memory_peak());
    EXPECT_GT(*instance->memory_peak(), 100'000U);
    EXPECT_LT(*instance->memory_peak(), much);
}

TEST_P(InstanceLife, KnowsTheMemoryOfAProcessOthersKillWhenItWasLookedAt) {
    auto instance = run("echo ready; while :; do sleep 600; done");
    ASSERT_TRUE(says("kv[0] O ready"));
    instance->look_at_memory();
    ASSERT_TRUE(instance->process().signal(SIGKILL));
    ASSERT_TRUE(ends(*instance));
    EXPECT_GT(instance->memory_peak().value_or(0), 100'000U);
    stop(*instance);
}

TEST_P(InstanceLife, ReportsItsLastWordsBeforeItsEnd) {
    auto instance = run("echo out; echo error >&2; exit 4");
    ASSERT_TRUE(ends(*instance));
    ASSERT_EQ(lines_.size(), 3U);
    EXPECT_THAT(lines_, Contains("kv[0] O out"));
    EXPECT_THAT(lines_, Contains("kv[0] E error"));
    EXPECT_EQ(lines_.back(), "exit code 4");
    EXPECT_EQ(instance->last_exit()->code, 4);
    EXPECT_EQ(text_of("out/stdout"), "out\n");
    EXPECT_EQ(text_of("out/stderr"), "error\n");
    EXPECT_THAT(instance->last_lines(5), ElementsAre("error", "out"));
    EXPECT_THAT(instance->last_lines(1), ElementsAre("error"));
    stop(*instance);
}

TEST_P(InstanceLife, StartsWithItsFilesFolderAndEnvironment) {
    auto its_plan = plan("cat conf/kv.conf; pwd; echo $COLOUR");
    its_plan.files = {{"conf/kv.conf", "port 1\n"}};
    its_plan.environment["COLOUR"] = "red";
    auto instance = make(its_plan);
    ASSERT_TRUE(instance->start());
    ASSERT_TRUE(ends(*instance));
    EXPECT_EQ(text_of("out/stdout"), "port 1\n" + (folder() / "kv").string() + "\nred\n");
    stop(*instance);
}

TEST_P(InstanceLife, RefusesAFileOutsideItsFolder) {
    auto its_plan = plan("true");
    its_plan.files = {{"../escape", "x"}};
    auto instance = make(its_plan);
    const auto started = instance->start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, HasSubstr("../escape"));
    EXPECT_FALSE(std::filesystem::exists(folder() / "escape"));
}

TEST_P(InstanceLife, NamesItselfAndTheStepThatFailed) {
    auto its_plan = plan("");
    its_plan.command = {"no-such-program-at-all"};
    auto instance = make(its_plan);
    const auto started = instance->start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::not_found);
    EXPECT_THAT(started.error().message,
                HasSubstr("starting kv[0]: execve no-such-program-at-all"));
    EXPECT_FALSE(instance->running());
    stop(*instance);
}

TEST_P(InstanceLife, StartsAgainAfterItsEndAndKeepsWritingTheSameFiles) {
    auto instance = run("echo $$");
    ASSERT_TRUE(ends(*instance));
    ASSERT_TRUE(instance->start());
    const auto twice = instance->start();
    EXPECT_FALSE(twice) << "it runs already";
    ASSERT_TRUE(ends(*instance));
    EXPECT_EQ(instance->starts(), 2);
    std::istringstream pids(text_of("out/stdout"));
    pid_t first = 0;
    pid_t second = 0;
    pids >> first >> second;
    EXPECT_NE(first, second);
    EXPECT_EQ(second, instance->process().pid());
    stop(*instance);
}

TEST_P(InstanceLife, FailsAsManyStartsAsItIsTold) {
    auto instance = make(plan("exit 0"));
    instance->fail_next_starts(2);
    EXPECT_FALSE(instance->start());
    const auto second = instance->start();
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("injected fault"));
    EXPECT_EQ(instance->starts(), 0);
    EXPECT_TRUE(instance->start());
    ASSERT_TRUE(ends(*instance));
    stop(*instance);
}

TEST_P(InstanceLife, StopsPolitelyWhenThatIsEnough) {
    auto instance = run("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done");
    ASSERT_TRUE(says("kv[0] O up"));
    stop(*instance);
    EXPECT_EQ(instance->last_exit()->code, 0);
    EXPECT_THAT(lines_, Contains("kv[0] O bye"));
}

TEST_P(InstanceLife, KillsAfterTheGraceWhatIgnoresTheStopSignal) {
    auto its_plan = plan("trap '' TERM; echo up; while :; do sleep 0.01; done");
    its_plan.stop.grace = std::chrono::milliseconds(50);
    auto instance = make(its_plan);
    ASSERT_TRUE(instance->start());
    ASSERT_TRUE(says("kv[0] O up"));
    stop(*instance);
    EXPECT_EQ(instance->last_exit()->signal, SIGKILL);
}

TEST_P(InstanceLife, LeavesNoDescendantWhateverItForked) {
    auto instance =
        run("(sleep 1000 &); (setsid sh -c 'sleep 1000 & exec sleep 1000' &); echo up; sleep 1000");
    ASSERT_TRUE(says("kv[0] O up"));
    ASSERT_TRUE(
        test::eventually([&] { return processes_marked("FAULTLINE_TRIAL", trial_).size() >= 5; }));
    stop(*instance);
    EXPECT_THAT(processes_marked("FAULTLINE_TRIAL", trial_), IsEmpty());
}

TEST_P(InstanceLife, ReportsItsEndAlthoughADescendantHoldsItsOutput) {
    auto instance = run("sleep 1000 & echo up; exit 3");
    ASSERT_TRUE(ends(*instance));
    EXPECT_EQ(instance->last_exit()->code, 3);
    EXPECT_EQ(text_of("out/stdout"), "up\n");
    stop(*instance);
}

TEST_P(InstanceLife, IsStoppedEvenWhenTheLoopWasInterrupted) {
    auto instance = run("trap '' TERM; echo up; sleep 1000");
    ASSERT_TRUE(says("kv[0] O up"));
    loop_.interrupt();
    stop(*instance);
    EXPECT_FALSE(instance->running());
    EXPECT_EQ(lines_.back(), "signal 9 (KILL)");
}

TEST_P(InstanceLife, FloodsWithoutStarvingTheLoop) {
    auto instance = run("exec yes 0123456789012345678901234567890123456789");
    bool fired = false;
    std::size_t lines_before = 0;
    std::size_t lines_in_a_turn_max = 0;
    const Timer timer =
        loop_.call_at(now() + std::chrono::milliseconds(100), [&] { fired = true; });
    EXPECT_TRUE(loop_.wait_until(now() + test::patience, [&] {  // looks after every turn
        lines_in_a_turn_max = std::max(lines_in_a_turn_max, line_count_ - lines_before);
        lines_before = line_count_;
        return fired && line_count_ > 10000;
    }));
    EXPECT_LE(lines_in_a_turn_max, 64U * 1024 / 41 + 1);
    stop(*instance);
    EXPECT_LE(std::filesystem::file_size(folder() / "out/stdout"), (64U << 20) + 200);
}

TEST_P(InstanceLife, SurvivesThousandsOfShortLivedChildren) {
    // Every second one is orphaned and comes back to us.
    auto instance =
        run("i=0; while [ $i -lt 3400 ]; do (:); (: &); i=$((i+1)); done; echo done; exit 0");
    ASSERT_TRUE(ends(*instance));
    EXPECT_EQ(instance->last_exit()->code, 0);
    stop(*instance);
    EXPECT_THAT(children_of_self(), ElementsAre(guardian_->pid()));
}

TEST_P(InstanceLife, LeavesNothingWhenItIsDestroyedInFullRun) {
    {
        auto instance = run("(setsid sleep 1000 &); echo up; sleep 1000");
        ASSERT_TRUE(says("kv[0] O up"));
    }
    loop_.run_until(now());
    EXPECT_THAT(processes_marked("FAULTLINE_TRIAL", trial_), IsEmpty());
}

TEST_P(InstanceLife, PromisesItsUndoAndTakesItBack) {
    auto instance = run("echo up; exec sleep 1000");
    ASSERT_TRUE(says("kv[0] O up"));
    const auto journals = list_journals();
    ASSERT_TRUE(journals) << journals.error().message;
    EXPECT_EQ(journals->front().open.size(), GetParam().cgroup ? 2U : 1U);
    stop(*instance);
    EXPECT_THAT(list_journals()->front().open, IsEmpty());
}

}  // namespace
}  // namespace faultline
