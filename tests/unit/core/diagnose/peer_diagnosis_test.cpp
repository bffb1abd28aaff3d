// SPDX-License-Identifier: Apache-2.0
#include "targets/core/diagnose/peer_diagnosis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

const Instant now{seconds(100)};
const Instant lost = now - milliseconds(50);
const Instant before = now - seconds(1);

/// Nodes 2 to n as node 1 sees them, all well.
class PeerDiagnosis : public ::testing::Test {
  protected:
    void group_of(std::size_t peers) {
        for (std::size_t i = 0; i < peers; ++i) {
            PeerFacts& peer = facts_[i];
            peer.id = static_cast<NodeId>(i + 2);
            peer.last_beat = now - milliseconds(5);
            peer.beat_interval = milliseconds(10);
            group_.push_back({.facts = peer,
                              .name = "kv[" + std::to_string(i + 1) + "]",
                              .trust = Trust::trusted});
        }
    }
    void silence(std::size_t who) {
        facts_[who].last_beat = lost - milliseconds(45);
        group_[who].trust = Trust::suspected;
        group_[who].since = lost;
        group_[who].silent = true;
    }
    std::optional<Diagnosis> diagnose(std::size_t who) {
        return diagnose_peer(now, 1, group_, who);
    }

    PeerFacts facts_[4];
    std::vector<PeerPicture> group_;
};

TEST_F(PeerDiagnosis, WaitsForEvidence) {
    group_of(2);
    silence(0);
    EXPECT_FALSE(diagnose(0).has_value());
}

TEST_F(PeerDiagnosis, TakesARefusedConnectionForACrash) {
    group_of(2);
    silence(0);
    facts_[0].refused_at = lost;
    const auto diagnosis = diagnose(0);
    ASSERT_TRUE(diagnosis.has_value());
    EXPECT_EQ(diagnosis->cause, Cause::crash);
    EXPECT_EQ(diagnosis->about, 2U);
    EXPECT_EQ(diagnosis->place, Place::peer);
    EXPECT_THAT(diagnosis->evidence_text(), HasSubstr("nobody listens"));
    EXPECT_THAT(diagnosis->evidence_text(), HasSubstr("last beat 95"));
}

TEST_F(PeerDiagnosis, TakesOldEvidenceForNothing) {
    group_of(2);
    silence(0);
    facts_[0].refused_at = before;
    facts_[0].restarted_at = before;
    facts_[0].probed_at = before;
    facts_[0].timed_out_at = before;
    EXPECT_FALSE(diagnose(0).has_value());
}

TEST_F(PeerDiagnosis, PrefersTheCrashWhenTheKernelAcceptedBefore) {
    group_of(2);
    silence(0);
    facts_[0].probed_at = lost;
    EXPECT_EQ(diagnose(0)->cause, Cause::hang);
    facts_[0].refused_at = now;
    EXPECT_EQ(diagnose(0)->cause, Cause::crash);
}

TEST_F(PeerDiagnosis, CallsNoHangBeforeTheBeatsAreOverdue) {
    group_of(2);
    silence(0);
    group_[0].silent = false;
    facts_[0].connection_lost_at = lost;
    facts_[0].probed_at = lost;
    EXPECT_FALSE(diagnose(0).has_value());
}

TEST_F(PeerDiagnosis, TellsALinkFromAPeerByWhatOthersHear) {
    group_of(4);
    silence(0);
    facts_[0].timed_out_at = now;
    EXPECT_EQ(diagnose(0)->cause, Cause::partition_of_peer);
    EXPECT_EQ(diagnose(0)->place, Place::link);
    facts_[1].health.unreachable = {2};
    EXPECT_EQ(diagnose(0)->place, Place::peer);
    EXPECT_THAT(diagnose(0)->evidence_text(), HasSubstr("kv[2] lost it as well"));
}

TEST_F(PeerDiagnosis, SeesItselfCutOffFromAMajorityOnly) {
    group_of(4);
    for (const std::size_t who : {0U, 1U}) {
        silence(who);
        facts_[who].timed_out_at = now;
    }
    EXPECT_EQ(diagnose(0)->cause, Cause::partition_of_peer);
    silence(2);
    EXPECT_EQ(diagnose(0)->cause, Cause::partition_of_self);
    EXPECT_EQ(diagnose(0)->about, 1U);
    EXPECT_EQ(diagnose(0)->place, Place::self);
    EXPECT_THAT(diagnose(0)->evidence_text(), HasSubstr("3 of 4 peers"));
}

TEST_F(PeerDiagnosis, DoesNotCountPeersThatAnswerTheirKernels) {
    group_of(2);
    for (const std::size_t who : {0U, 1U})
        silence(who);
    facts_[0].timed_out_at = now;
    facts_[1].probed_at = now;
    EXPECT_EQ(diagnose(0)->cause, Cause::partition_of_peer);
    EXPECT_EQ(diagnose(1)->cause, Cause::hang);
}

TEST(Overrules, OnlyStrongerEvidence) {
    EXPECT_TRUE(overrules(Cause::crash, Cause::hang));
    EXPECT_TRUE(overrules(Cause::hang, Cause::partition_of_peer));
    EXPECT_TRUE(overrules(Cause::partition_of_self, Cause::partition_of_peer));
    EXPECT_FALSE(overrules(Cause::hang, Cause::crash));
    EXPECT_FALSE(overrules(Cause::crash, Cause::crash));
    EXPECT_FALSE(overrules(Cause::partition_of_peer, Cause::hang));
}

TEST(CauseNames, AreWhatReportsSay) {
    EXPECT_EQ(name_of(Cause::crash), "crash");
    EXPECT_EQ(name_of(Cause::storage_failing), "storage_failing");
    EXPECT_EQ(name_of(Cause::partition_of_self), "partition_of_self");
    EXPECT_EQ(name_of(Place::link), "link");
}

}  // namespace
}  // namespace ftcore::testing
