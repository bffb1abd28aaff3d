// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <unordered_map>

#include "targets/core/failover/invariants.hpp"
#include "tests/simulation/world/disk.hpp"
#include "tests/simulation/world/step.hpp"

namespace ftcore::simulation {

/// One machine: a clock, a disk, and a process that runs now and then. The process is a small
/// runtime round the production consensus: it carries out effects and brings inputs.
class Node {
  public:
    Node(NodeId id, Surroundings& world, Random random);

    // ---- the machine
    void start();
    void crash(CrashKind kind);
    /// Inputs wait until `resume`; the clock runs on.
    void pause() { paused_ = true; }
    void resume();
    void fail_disk();
    void repair_disk();
    /// How many times slower than planned the disk is.
    void slow_disk(std::int64_t factor) { disk_factor_ = factor; }

    // ---- inputs
    void receive(Message message);
    void write(std::uint64_t attempt, std::string command);
    void read(std::uint64_t attempt, std::uint64_t key);
    void suspect(NodeId leader, Suspicion suspicion);
    void reconnected(NodeId peer);
    void hand_over(Duration patience, NodeId to = nobody);
    void keep_lead();
    void tick();
    /// When `tick` is wanted.
    [[nodiscard]] std::optional<TrueTime> timer() const;

    // ---- what it is
    [[nodiscard]] NodeId id() const { return id_; }
    [[nodiscard]] bool up() const { return consensus_.has_value(); }
    [[nodiscard]] bool paused() const { return paused_; }
    /// Counts its processes.
    [[nodiscard]] std::uint64_t incarnation() const { return incarnation_; }
    [[nodiscard]] const Glance& glance() const { return glance_; }
    [[nodiscard]] const Clock& clock() const { return clock_; }
    [[nodiscard]] Disk& disk() { return disk_; }
    [[nodiscard]] const Disk& disk() const { return disk_; }
    [[nodiscard]] const Consensus& consensus() const { return *consensus_; }
    [[nodiscard]] Index applied() const { return applied_; }
    /// Damaged, and not known to hold again everything it once held.
    [[nodiscard]] bool damaged() const { return damaged_; }
    [[nodiscard]] Index must_reach() const { return must_reach_; }
    void mark_damaged() { damaged_ = true; }
    [[nodiscard]] std::string describe() const;

  private:
    using Input = std::function<void(Instant now)>;
    void input(Input input);
    void run(const Input& input);
    void settle();
    void observe(const Effects& effects);
    void carry_out(Effects& effects);
    void answer(const Answer& answer);
    void rebuild();
    void apply_to(Index index);
    void answer_reads();
    void confirm_applied();
    void consider_snapshot();
    void send_piece(const SnapshotWanted& wanted);
    void set_timer();

    // the disk's course
    void work_disk();
    /// The same for the disk's own work: not if it failed meanwhile.
    void later_on_disk(Duration mean, void (Node::*action)());
    void written();
    void synced();
    void report_progress();
    /// Runs `action` after `delay` if this process still lives then.
    void later(Duration delay, std::function<void()> action);

    struct Accepted {
        std::uint64_t attempt;
        Term term;
    };
    struct Looking {
        std::uint64_t attempt;
        std::uint64_t key;
        Index index;
    };
    struct Unconfirmed {
        Entry entry;
        std::uint64_t digest;
    };

    NodeId id_;
    Surroundings& world_;
    Random random_;
    Clock clock_;
    Disk disk_;
    bool witness_ = false;
    std::int64_t disk_factor_ = 1;
    std::uint64_t incarnation_ = 0;
    bool damaged_ = false;
    Index must_reach_ = 0;

    // the process
    std::optional<Consensus> consensus_;
    Glance glance_{};
    Observation observation_{};
    KeyValue machine_;
    Index applied_ = 0;
    std::deque<Unconfirmed> unconfirmed_;  // applied, and not agreed yet: level low
    std::map<Index, Accepted> accepted_;
    std::unordered_map<std::uint64_t, std::uint64_t> reads_;  // attempt → key
    std::vector<Looking> looking_;                            // readable, not applied yet
    bool saving_snapshot_ = false;
    std::uint64_t snapshots_given_up_ = 0;
    bool sync_planned_ = false;
    bool must_restart_ = false;
    bool paused_ = false;
    std::deque<Input> waiting_;
    Instant deadline_{};
    TrueTime timer_{};
};

}  // namespace ftcore::simulation
