// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/inject/code/control_file.hpp"
#include "tests/unit/inject/child_victim.hpp"

namespace faultline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Given = std::map<std::string, ParameterValue>;

/// A fault with every parameter at its default but these.
FaultSpec point_spec(const std::string& kind, const Given& given) {
    Given all{{"point", std::string("subject.turn")},
              {"after_hits", std::int64_t{0}},
              {"every", std::int64_t{1}},
              {"probability", 1.0},
              {"first", std::int64_t{kind == "code.crash" ? 1 : 0}},
              {"restart", std::string("keep")},
              {"within", Duration(std::chrono::seconds(10))}};
    if (kind == "code.error") all["error"] = std::string("EIO");
    if (kind == "code.crash") all["how"] = std::string("kill");
    if (kind == "code.delay") {
        all["delay"] = Duration(std::chrono::microseconds(50));
        all["spread"] = Duration(0);
    }
    for (const auto& [name, value] : given)
        all[name] = value;
    return fault_spec(kind, all);
}

/// A control file that goes with the object.
class CodeFaults : public ::testing::Test {
  protected:
    CodeFaults() {
        std::string name =
            (std::filesystem::temp_directory_path() / "faultline-points-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        path_ = folder_ / "kv.0.failpoints";
        EXPECT_TRUE(ControlFile::create(path_));
    }
    ~CodeFaults() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] FailpointSlot& slot() {
        if (!file_) file_ = std::make_unique<ControlFile>(std::move(*ControlFile::open(path_)));
        return *file_->find("subject.turn");
    }
    [[nodiscard]] std::uint64_t triggered() { return embed::Tally::count(slot().triggered); }
    /// Waits until the point has triggered that often.
    [[nodiscard]] bool triggers(std::uint64_t count) {
        const Instant deadline = now() + std::chrono::seconds(20);
        while (triggered() < count && now() < deadline)
            ::usleep(1000);
        return triggered() >= count;
    }
    [[nodiscard]] static std::unique_ptr<Fault> made(const FaultSpec& spec, Victim& victim) {
        auto fault = make_test_fault(spec, {&victim});
        EXPECT_TRUE(fault) << fault.error().message;
        return std::move(*fault);
    }

    std::filesystem::path folder_;
    std::filesystem::path path_;
    std::unique_ptr<ControlFile> file_;
};

TEST_F(CodeFaults, TargetPublishesItsPoints) {
    const auto before = ControlFile::open(path_);
    ASSERT_TRUE(before);
    EXPECT_FALSE(before->attached());
    const ChildVictim victim("kv[0]", {"points"}, {}, path_);
    EXPECT_TRUE(before->attached());
    EXPECT_THAT(before->points(), ElementsAre("subject.never", "subject.turn"));
}

TEST_F(CodeFaults, ErrorIsProvenByItsTriggersAndBeganAtTheFirst) {
    ChildVictim victim("kv[0]", {"points"}, {}, path_);
    const FaultSpec spec = point_spec("code.error", {{"after_hits", std::int64_t{5}}});
    const auto fault = made(spec, victim);
    ASSERT_TRUE(fault->prepare());
    ASSERT_EQ(fault->undo().size(), 1U);
    EXPECT_EQ(fault->undo()[0].kind, Undo::Kind::disarm_failpoint);
    EXPECT_EQ(fault->undo()[0].path, path_);
    EXPECT_EQ(fault->undo()[0].content, "subject.turn");
    const Instant before = now();
    ASSERT_TRUE(fault->apply());
    const Instant applied = now();
    EXPECT_EQ(slot().error.load(), EIO);
    const Proof proof = prove_until_confirmed(*fault, applied);
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    ASSERT_TRUE(proof.began);
    EXPECT_GT(*proof.began, before);
    EXPECT_LT(*proof.began, now());
    EXPECT_EQ(proof.began, proof.observed);
    EXPECT_THAT(proof.evidence, HasSubstr("kv[0]: subject.turn triggered "));
    EXPECT_TRUE(fault->clear());
    EXPECT_TRUE(fault->clear()) << "twice does no harm";
    EXPECT_EQ(slot().armed.load(), 0U);
    EXPECT_THAT(fault->account(), HasSubstr("hits in all"));
    EXPECT_THAT(fault->mechanism(), HasSubstr("subject.turn"));
}

TEST_F(CodeFaults, PointThatIsNeverHitLeavesItUnconfirmed) {
    ChildVictim victim("kv[0]", {"points"}, {}, path_);
    const FaultSpec spec = point_spec("code.error", {{"point", std::string("subject.never")}});
    const auto fault = made(spec, victim);
    ASSERT_TRUE(fault->prepare());
    ASSERT_TRUE(fault->apply());
    const Proof proof = fault->prove(now());
    EXPECT_EQ(proof.effect, Effect::unconfirmed);
    EXPECT_FALSE(proof.began);
    EXPECT_THAT(proof.evidence, HasSubstr("subject.never was armed and hit 0 times"));
    EXPECT_EQ(fault->prove_within(), std::chrono::seconds(10));
    ASSERT_TRUE(fault->clear());
    EXPECT_EQ(fault->prove_within(), Duration::zero()) << "it cannot trigger any more";
}

TEST_F(CodeFaults, PointThatIsHitAndNeverTriggersSaysSo) {
    ChildVictim victim("kv[0]", {"points"}, {}, path_);
    const auto fault = made(point_spec("code.error", {{"probability", 0.0}}), victim);
    ASSERT_TRUE(fault->prepare());
    ASSERT_TRUE(fault->apply());
    const Instant deadline = now() + std::chrono::seconds(20);
    while (embed::Tally::count(slot().hits) == 0 && now() < deadline)
        ::usleep(1000);
    const Proof proof = fault->prove(now());
    EXPECT_EQ(proof.effect, Effect::unconfirmed);
    EXPECT_THAT(proof.evidence, HasSubstr("and never triggered"));
}

TEST_F(CodeFaults, UnknownPointNamesTheNearest) {
    ChildVictim victim("kv[0]", {"points"}, {}, path_);
    const FaultSpec spec = point_spec("code.error", {{"point", std::string("subject.trun")}});
    const auto prepared = made(spec, victim)->prepare();
    ASSERT_FALSE(prepared);
    EXPECT_EQ(prepared.error().code, ErrorCode::not_found);
    EXPECT_THAT(prepared.error().message,
                HasSubstr("kv[0] has no fail point \"subject.trun\"; did you mean "
                          "\"subject.turn\"?"));
}

TEST_F(CodeFaults, TargetThatNeverOpenedItsPointsIsToldWhatToDo) {
    ChildVictim victim("kv[0]", {"idle"}, {}, path_);
    const FaultSpec spec = point_spec("code.error", {});
    const auto prepared = made(spec, victim)->prepare();
    ASSERT_FALSE(prepared);
    EXPECT_THAT(prepared.error().message, HasSubstr("arm_failpoints_from_environment()"));
    ChildVictim without("kv[1]", {"idle"});
    EXPECT_FALSE(made(spec, without)->prepare());
}

TEST_F(CodeFaults, TwoFaultsCannotHoldOnePoint) {
    ChildVictim victim("kv[0]", {"points"}, {}, path_);
    const FaultSpec spec = point_spec("code.error", {});
    const auto first = made(spec, victim);
    const auto second = made(spec, victim);
    ASSERT_TRUE(first->prepare());
    ASSERT_TRUE(second->prepare());
    ASSERT_TRUE(first->apply());
    const auto applied = second->apply();
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().code, ErrorCode::exists);
    ASSERT_TRUE(second->clear());
    EXPECT_NE(slot().armed.load(), 0U) << "what the other armed stays";
    ASSERT_TRUE(first->clear());
    EXPECT_TRUE(second->apply());
}

TEST_F(CodeFaults, DelayHoldsUpTheFirstFewHits) {
    ChildVictim victim("kv[0]", {"points"}, {}, path_);
    const auto fault = made(point_spec("code.delay", {{"first", std::int64_t{3}}}), victim);
    ASSERT_TRUE(fault->prepare());
    ASSERT_TRUE(fault->apply());
    const Proof proof = prove_until_confirmed(*fault, now());
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    ASSERT_TRUE(triggers(3));
    EXPECT_EQ(slot().armed.load(), 0U) << "its count is used up";
    EXPECT_THAT(fault->account(), HasSubstr("3 of 3 hits"));
}

TEST_F(CodeFaults, CrashEndsTheProcessAtTheHitAndCountsFromIt) {
    ChildVictim victim("kv[0]", {"points"}, {}, path_);
    const FaultSpec spec = point_spec("code.crash", {{"after_hits", std::int64_t{3}}});
    const auto fault = made(spec, victim);
    ASSERT_TRUE(fault->prepare());
    const Instant before = now();
    ASSERT_TRUE(fault->apply());
    const Proof proof = prove_until_confirmed(*fault, now());
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    ASSERT_TRUE(proof.began);
    EXPECT_GT(*proof.began, before);
    EXPECT_EQ(proof.effective_bound, *proof.began + std::chrono::microseconds(20));
    EXPECT_EQ(proof.observed, victim.ended()->seen);
    EXPECT_THAT(proof.evidence, HasSubstr("triggered 1 times in 4 hits"));
    EXPECT_THAT(proof.evidence, HasSubstr("ended by signal 9 (KILL)"));
    ASSERT_TRUE(victim.start());
    EXPECT_EQ(slot().armed.load(), 0U) << "one crash was asked for";
}

TEST_F(CodeFaults, AbortLeavesItsOwnSignal) {
    ChildVictim victim("kv[0]", {"points"}, {}, path_);
    const auto fault = made(point_spec("code.crash", {{"how", std::string("abort")}}), victim);
    ASSERT_TRUE(fault->prepare());
    ASSERT_TRUE(fault->apply());
    const Proof proof = prove_until_confirmed(*fault, now());
    EXPECT_THAT(proof.evidence, HasSubstr("ended by signal 6 (ABRT)"));
}

TEST_F(CodeFaults, StaysArmedThroughARestart) {
    ChildVictim victim("kv[0]", {"points"}, {}, path_);
    const auto fault = made(point_spec("code.error", {}), victim);
    ASSERT_TRUE(fault->prepare());
    ASSERT_TRUE(fault->apply());
    ASSERT_TRUE(triggers(1));
    victim.kill_and_wait();
    const std::uint64_t before = triggered();
    ASSERT_TRUE(victim.start());
    EXPECT_TRUE(triggers(before + 1));
}

TEST_F(CodeFaults, EndsWithTheProcessWhenAskedTo) {
    ChildVictim victim("kv[0]", {"points"}, {}, path_);
    const auto fault = made(point_spec("code.error", {{"restart", std::string("disarm")}}), victim);
    ASSERT_TRUE(fault->prepare());
    ASSERT_TRUE(fault->apply());
    ASSERT_TRUE(triggers(1));
    victim.kill_and_wait();
    EXPECT_NE(slot().armed.load(), 0U);
    ASSERT_TRUE(victim.start());
    EXPECT_EQ(slot().armed.load(), 0U);
}

TEST_F(CodeFaults, RejectBadParameters) {
    ChildVictim victim("kv[0]", {"idle"});
    const auto rejects = [&](const std::string& kind, const Given& given) {
        const FaultSpec spec = point_spec(kind, given);
        return !make_test_fault(spec, {&victim});
    };
    for (const std::string kind : {"code.error", "code.delay", "code.crash"}) {
        EXPECT_TRUE(rejects(kind, {{"point", std::string()}}));
        EXPECT_TRUE(rejects(kind, {{"first", std::int64_t{-1}}}));
        EXPECT_TRUE(rejects(kind, {{"after_hits", std::int64_t{-1}}}));
        EXPECT_TRUE(rejects(kind, {{"every", std::int64_t{0}}}));
        EXPECT_TRUE(rejects(kind, {{"probability", 1.5}}));
    }
    EXPECT_TRUE(rejects("code.error", {{"error", std::string("EWHAT")}}));
    EXPECT_TRUE(rejects("code.delay", {{"delay", Duration(-1)}}));
    EXPECT_TRUE(rejects("code.delay", {{"spread", Duration(std::chrono::seconds(1))}}));
}

TEST_F(CodeFaults, ControlFileIsMadeOnceAndForeignOnesAreRefused) {
    EXPECT_FALSE(ControlFile::create(path_));
    EXPECT_EQ(ControlFile::open(folder_ / "absent").error().code, ErrorCode::not_found);
    ASSERT_TRUE(write_file(folder_ / "foreign", std::string(1 << 20, 'x')));
    EXPECT_EQ(ControlFile::open(folder_ / "foreign").error().code, ErrorCode::invalid);
    ASSERT_TRUE(write_file(folder_ / "short", "FLFAILPT"));
    EXPECT_EQ(ControlFile::open(folder_ / "short").error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace faultline
