// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "targets/core/failover/consensus.hpp"
#include "targets/core/failover/invariants.hpp"

namespace ftcore {

/// What a test's disk holds.
struct DiskImage {
    HardState hard_state{};
    SnapshotMark snapshot{};
    std::string snapshot_data{};
    std::string arriving{};
    std::vector<Entry> entries{};

    void carry_out(const StorageWork& work);
};

/// A member with its disk and a state machine that is the list of the commands it was given.
struct GroupNode {
    NodeId id = nobody;
    std::unique_ptr<Consensus> consensus{};
    bool paused = false;      // takes nothing, like a stopped process
    bool disk_stuck = false;  // finishes nothing

    struct Pending {
        StorageWork work{};
        Instant done{};
    };
    std::deque<Pending> pending{};
    DiskImage image{};  // what survives; a power loss takes the rest
    Stored progress{};

    std::string state{};
    Index applied = 0;
    std::map<Index, std::uint64_t> accepted{};
    std::vector<Answer> answers{};
    int rebuilds = 0;
    std::size_t works = 0;
};

/// Some members, a network and disks in virtual time. After every step the invariants must hold;
/// what was acknowledged must stay, and no read may miss what was acknowledged before it was asked.
class Group {
  public:
    struct Options {
        std::size_t count = 3;
        std::size_t witnesses = 0;  // the last ones
        Level level = Level::high;
        std::uint64_t seed = 1;
        Duration latency = std::chrono::microseconds(100);
        Duration jitter{};
        Duration disk = std::chrono::microseconds(500);
        double loss = 0;
        std::function<void(ConsensusSettings&)> adjust{};
    };
    explicit Group(Options options);

    [[nodiscard]] Consensus& operator[](NodeId id) { return *nodes_[id - 1].consensus; }
    [[nodiscard]] GroupNode& node(NodeId id) { return nodes_[id - 1]; }
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] Random& random() { return random_; }
    /// Who serves, or nobody.
    [[nodiscard]] NodeId serving() const;
    [[nodiscard]] std::size_t count() const { return nodes_.size(); }

    void run_for(Duration span);
    /// False when `limit` passed before.
    bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::seconds(10));
    bool elect() {
        return run_until([this] { return serving() != nobody; });
    }

    std::uint64_t propose(NodeId id, std::string data);
    void propose_many(NodeId id, std::size_t count);
    std::uint64_t read(NodeId id);
    void suspect(NodeId id, NodeId leader, Suspicion suspicion);
    void suspect_everywhere(NodeId leader, Suspicion suspicion);
    /// The process dies; with the power goes what was not synced.
    void crash(NodeId id, bool power_loss = false);
    void restart(NodeId id, Index must_reach = 0);
    void pause(NodeId id, bool on);
    void take_snapshot(NodeId id);
    void cut(NodeId a, NodeId b, bool on);
    void isolate(NodeId id, bool on);
    void fail_disk(NodeId id);
    void repair_disk(NodeId id);
    void hand_over(NodeId id, Duration patience);

    [[nodiscard]] bool acknowledged(std::uint64_t token) const {
        return acknowledged_.contains(token);
    }
    [[nodiscard]] std::optional<Answer> answer(NodeId id, std::uint64_t token, Answer::Kind kind);
    /// All that run hold the same state.
    [[nodiscard]] bool converged();

    /// The first thing that went wrong; empty when nothing did.
    std::string broken{};
    std::size_t messages_sent = 0;
    std::vector<Message> tape{};  // when `record` is set
    bool record = false;
    bool check_agreement = true;

  private:
    struct Flight {
        Instant at{};
        std::uint64_t order = 0;
        Message message{};
        bool operator<(const Flight& other) const {
            return at != other.at ? at < other.at : order < other.order;
        }
    };

    void input(GroupNode& node, const std::function<void(Consensus&)>& call);
    void handle(GroupNode& node);
    void apply(GroupNode& node, Index to);
    void note(GroupNode& node, const Answer& answer);
    void send_piece(GroupNode& node, const SnapshotWanted& wanted);
    void finish_disk(GroupNode& node);
    [[nodiscard]] Instant next_event() const;
    void step();
    void report(const GroupNode& node, const std::string& what);

    Options options_;
    Random random_;
    Instant now_{std::chrono::seconds(1000)};
    std::vector<Member> members_;
    std::vector<GroupNode> nodes_;
    std::multiset<Flight> flights_;
    std::uint64_t order_ = 0;
    std::uint64_t tokens_ = 0;
    std::set<std::pair<NodeId, NodeId>> cuts_;
    std::map<Index, std::pair<Term, std::string>> agreed_;
    std::set<std::uint64_t> acknowledged_;
    std::map<std::uint64_t, std::string> proposed_;
    Index acknowledged_max_ = 0;
    std::map<std::uint64_t, Index> read_floor_;
    std::map<Term, NodeId> leaders_;
};

}  // namespace ftcore
