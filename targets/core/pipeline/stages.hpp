// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "targets/core/alert/alerter.hpp"
#include "targets/core/detect/integrity.hpp"
#include "targets/core/detect/peer_watch.hpp"
#include "targets/core/diagnose/own_diagnosis.hpp"
#include "targets/core/diagnose/peer_diagnosis.hpp"
#include "targets/core/monitor/monitor.hpp"
#include "targets/core/pipeline.hpp"
#include "targets/core/pipeline/outbox.hpp"
#include "targets/core/pipeline_settings.hpp"
#include "targets/core/recover/recovery.hpp"
#include "targets/core/recover/takeover.hpp"

namespace ftcore {

/// A peer on its way through the stages.
struct WatchedPeer {
    NodeId id = nobody;
    bool witness = false;
    PeerWatch watch;
    PeerWatch::News news{};          // of this turn
    std::optional<Instant> since{};  // doubted or suspected since then; evidence counts from there
    std::optional<Instant> asked_at{};  // a fresh connection was asked for and has not answered
    bool lost = false;
    bool led = false;  // it was the leader when it was lost
    Instant lost_at{};
    PeerLoss loss{};
    std::optional<Cause> diagnosed{};
    std::optional<IncidentId> incident{};
};

/// The stages with what flows between them. `signal` feeds the first; `turn` runs the others, in
/// the files peers_stage.cpp (what concerns peers), own_stage.cpp (this node) and stages.cpp (the
/// rest).
struct Pipeline::State {
    State(PipelineSettings settings, Instant now);

    // ---- stages.cpp
    void signal(Instant now, const Signal& signal);
    void turn(Instant now, const NodeView& next);
    [[nodiscard]] Instant deadline() const;
    [[nodiscard]] Health health();
    [[nodiscard]] std::vector<NodeId> suspected() const;
    [[nodiscard]] std::vector<std::string> report() const;

    void note_lateness(Instant now);
    /// Whether something has changed that the stages ask about.
    bool take_view(Instant now, const NodeView& next);
    void run_stages(Instant now);
    void run_repairs(Instant now);
    void alert(Instant now);
    void plan_deadline(Instant now);
    [[nodiscard]] bool healthy_peer();
    [[nodiscard]] bool all_lag();
    [[nodiscard]] RecoveryView recovery_view();
    [[nodiscard]] RepairSituation situation(bool about_leader);
    /// Diagnose and repair: tells the diagnosis and opens an incident with the strategies for it.
    IncidentId take_on(Instant began, Diagnosis diagnosis, bool about_leader);
    void tell(const Diagnosis& diagnosis, bool revised);

    // ---- peers_stage.cpp
    void take(Instant now, const signal::Beat& beat);
    void take(Instant now, const signal::Connected& connected);
    void take(Instant now, const signal::ConnectionLost& lost);
    void take(Instant now, const signal::ConnectRefused& refused);
    void take(Instant now, const signal::ConnectTimedOut& timed_out);
    void take(Instant now, const signal::Probed& probed);
    void look_at_peers(Instant now);
    /// A peer is no more trusted: evidence counts from here, and the stages have work.
    void begin_case(Instant now, WatchedPeer& peer);
    void lose(Instant now, WatchedPeer& peer, PeerLoss loss);
    void diagnose(Instant now, std::size_t who);
    void take_on_peer(Instant now, WatchedPeer& peer, Diagnosis diagnosis);
    void take_on_own_partition(Instant now, WatchedPeer& peer, Diagnosis diagnosis);
    void suspect_early(Instant now, WatchedPeer& peer);
    void welcome_back(Instant now, WatchedPeer& peer);
    void settle_own_partition(Instant now);
    [[nodiscard]] WatchedPeer* watched(NodeId id);
    [[nodiscard]] std::vector<PeerPicture> picture(Instant now);
    [[nodiscard]] bool unclear(const WatchedPeer& peer) const;
    [[nodiscard]] bool leads(NodeId id) const;
    [[nodiscard]] std::size_t trusted_peers() const;
    [[nodiscard]] Instant peers_deadline();
    void replan_peers();

    // ---- own_stage.cpp
    void take(Instant now, const signal::Operation& operation);
    void take(Instant now, const signal::Storage& write);
    void take(Instant now, const signal::LoopLag& lag);
    void take(Instant now, const signal::Corruption& corruption);
    void take(Instant now, const signal::ActionDone& done);
    void take(Instant now, const signal::Resources& resources);
    void look_at_self(Instant now);
    void look_at_storage(Instant now);
    void look_at_operations(Instant now);
    void look_at_load(Instant now, const LoadFindings& findings);
    void storage_changed(Instant now, StorageTrouble before);
    void look_at_corruption(Instant now);
    void settle_corruption(Instant now);
    void look_soon(Instant now);
    void shed(Instant now);
    void detected(Instant now, std::string_view by, const std::string& what);
    [[nodiscard]] Duration peers_storage_latency() const;
    [[nodiscard]] bool own_trouble() const;
    [[nodiscard]] LoadFindings load_findings(Instant now);

    // ---- the stages
    const PipelineSettings settings;
    const Instant started;
    Outbox outbox;
    Monitor monitor;
    std::vector<WatchedPeer> peers;
    StorageHealthDetector storage_health;
    ErrorRateDetector error_rate;
    LatencyShiftDetector latency_shift;
    OverloadDetector overload;
    IntegrityDetector integrity;
    Alerter alerter;
    Shedding shedding;
    Recovery recovery;
    Takeover takeover;

    // ---- what goes on
    NodeView view;
    NodeId last_leader = nobody;
    std::optional<Instant> no_leader_since;
    std::optional<IncidentId> own_partition;  // of this node itself, until they have passed
    std::optional<IncidentId> storage_trouble;
    std::optional<IncidentId> load_trouble;
    std::optional<Cause> load_diagnosed;
    std::optional<IncidentId> corruption_trouble;
    std::vector<std::string> corruption_found;  // since the last turn
    std::string corruption_where;

    // ---- when
    Instant last_now;
    bool due = true;  // something asks for a decision now
    Instant look_at = Instant::max();
    Instant others_at = Instant::max();  // deadlines that no beat moves
    Instant timed = Instant::max();      // the deadline that was promised, apart from `due`
};

}  // namespace ftcore
