// SPDX-License-Identifier: Apache-2.0
#include "targets/core/diagnose/own_diagnosis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

const Instant now{std::chrono::seconds(100)};

TEST(StorageDiagnosis, NamesTheTroubleWithTheFailure) {
    const auto failing = diagnose_storage(
        now, 1, {.trouble = StorageTrouble::failing, .failure = "fsync: Input/output error"});
    EXPECT_EQ(failing.cause, Cause::storage_failing);
    EXPECT_EQ(failing.place, Place::disk);
    EXPECT_EQ(failing.evidence_text(), "fsync: Input/output error");
    EXPECT_EQ(diagnose_storage(now, 1, {.trouble = StorageTrouble::full}).cause,
              Cause::storage_full);
}

TEST(StorageDiagnosis, ComparesASlowDiskWithThePeers) {
    const auto slow = diagnose_storage(now,
                                       1,
                                       {.trouble = StorageTrouble::slow,
                                        .recent = milliseconds(80),
                                        .p99 = milliseconds(90),
                                        .bound = milliseconds(16),
                                        .peers_latency = milliseconds(2)});
    EXPECT_EQ(slow.cause, Cause::storage_slow);
    EXPECT_THAT(slow.evidence_text(), HasSubstr("took 80.0 ms"));
    EXPECT_THAT(slow.evidence_text(), HasSubstr("the peers' take 2.00 ms"));
}

TEST(LoadDiagnosis, IsOverloadWhenCommandsPileUp) {
    const auto diagnosis = diagnose_load(
        now,
        1,
        {.total = 100, .failed = 50, .queue_depth = 5000, .queue_long = true, .failing = true});
    EXPECT_EQ(diagnosis.cause, Cause::overload);
    EXPECT_THAT(diagnosis.evidence_text(), HasSubstr("5000 commands wait"));
    EXPECT_THAT(diagnosis.evidence_text(), HasSubstr("of 100 operations failed"));
}

TEST(LoadDiagnosis, IsSlowWhenTheyDoNot) {
    const auto diagnosis = diagnose_load(
        now,
        1,
        {.total = 100, .failed = 50, .most_frequent = ErrorCode::outcome_unknown, .failing = true});
    EXPECT_EQ(diagnosis.cause, Cause::slow);
    EXPECT_EQ(diagnosis.place, Place::self);
    EXPECT_THAT(diagnosis.evidence_text(), HasSubstr("most with OUTCOME_UNKNOWN"));
}

TEST(CorruptionDiagnosis, SaysWhere) {
    const auto diagnosis = diagnose_corruption(now, 3, "segment 7 at byte 12");
    EXPECT_EQ(diagnosis.cause, Cause::corruption);
    EXPECT_EQ(diagnosis.about, 3U);
    EXPECT_THAT(diagnosis.evidence_text(), HasSubstr("segment 7 at byte 12"));
}

}  // namespace
}  // namespace ftcore::testing
