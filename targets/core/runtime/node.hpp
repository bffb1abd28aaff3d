// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "targets/core/errors/error_code.hpp"
#include "targets/core/failover/consensus.hpp"
#include "targets/core/state/state_machine.hpp"
#include "targets/core/types.hpp"

namespace boost::asio {
class io_context;
}

namespace ftcore {

/// One member of the group as this node reaches it; its own entry says where it listens. Nodes may
/// reach the same member at different addresses (through proxies): only the ids must agree.
struct NodeAddress {
    NodeId id = nobody;
    std::string name{};  // in events and reports: "kv[0]"
    std::string host = "127.0.0.1";
    std::uint16_t peer_port = 0;
    /// Where its clients are sent. An empty host: the same as the peers'.
    std::string client_host{};
    std::uint16_t client_port = 0;
    bool witness = false;

    [[nodiscard]] const std::string& host_for_clients() const {
        return client_host.empty() ? host : client_host;
    }
};

struct NodeSettings {
    NodeId self = nobody;
    std::string cluster = "default";
    std::vector<NodeAddress> members{};  // 1, 3 or 5, the same ids on every node
    std::filesystem::path folder{};
    Level level = Level::high;
    Duration heartbeat = std::chrono::milliseconds(25);
    Duration election_timeout = std::chrono::milliseconds(300);
    Duration lease = std::chrono::milliseconds(4);
    Duration detection_floor =
        std::chrono::milliseconds(40);  // no silence shorter than this accuses
    /// A write that is not settled by then is answered `outcome_unknown`.
    Duration operation_timeout = std::chrono::seconds(5);
    Duration hand_over_patience = std::chrono::milliseconds(500);
    std::size_t segment_bytes = std::size_t{64} << 20;
    std::size_t snapshot_log_bytes = std::size_t{256} << 20;  // so much log asks for a snapshot
    Duration sync_period = std::chrono::milliseconds(100);
    std::size_t pending_max = 65536;  // writes and reads waiting; more are refused: `overloaded`
    std::string webhook{};            // alerts are sent here, if anywhere
    std::vector<std::string> alert_command{};
};

/// What a node says about itself.
struct NodeStatus {
    Role role = Role::follower;
    bool serving = false;
    bool handing_over = false;
    Term term = 0;
    NodeId leader = nobody;
    Index commit = 0;
    Index applied = 0;
    Index last_index = 0;
    SnapshotMark snapshot{};
    std::string life_cycle{};
    bool storage_ok = true;
    std::size_t pending = 0;
    std::size_t log_bytes = 0;
    std::uint64_t elections = 0;   // role changes to leader since the start
    std::uint64_t operations = 0;  // answered since the start
    Duration storage_latency{};    // recent p99
    std::vector<Consensus::PeerProgress> peers{};
};

/// How a hand-over is to go.
struct HandOverOptions {
    NodeId to = nobody;  // whoever has most, when it is nobody
    /// After that without a successor this node goes on leading; `hand_over_patience` when absent.
    std::optional<Duration> patience{};
};

/// One node of a replicated service: consensus, storage, peers and the pipeline, driven by an event
/// loop. The service gives it a StateMachine and asks it to write and read.
///
///   clients ─► write/read ─► Consensus ◄─► PeerLink, PeerServer ◄─► the other nodes
///                               │  ▲
///              StateMachine ◄───┤  └──── Storage (own thread)
///                               ▼
///                            Pipeline ─► events, alerts, repairs
///
/// Thread: the loop's; every callback comes there.
class Node {
  public:
    using WriteDone = std::function<void(ErrorCode, std::string_view reply)>;
    using ReadDone = std::function<void(ErrorCode)>;

    /// Recovers what the folder holds, listens for peers and joins the group.
    /// Errors: impossible settings, a folder in use or damaged beyond repair, a port that is taken.
    [[nodiscard]] static Result<std::unique_ptr<Node>> open(boost::asio::io_context& loop,
                                                            NodeSettings settings,
                                                            StateMachine& machine);
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    /// Agrees on `command` and applies it on every node. `done` is called once: with the machine's
    /// reply, or `not_primary`, `overloaded`, `storage_full`... (surely not done), or
    /// `outcome_unknown`.
    void write(std::string command, WriteDone done);
    /// `done(none)`: the machine may be looked at now, linearisably; look inside the callback.
    void read(ReadDone done);

    /// Begins to give the lead away in good order: what was accepted is still answered, new writes
    /// wait and are then answered `not_primary`, or proposed here after all when nobody has taken
    /// over in time. Errors (nothing has changed): this node does not lead, a hand-over runs
    /// already, no other node that could lead has answered lately.
    [[nodiscard]] Result<> hand_over(HandOverOptions options = {});
    /// Gives a hand-over up. A successor that was told already may win all the same.
    /// Errors: none runs.
    [[nodiscard]] Result<> keep_lead();

    /// Hands the lead over if this node has it, settles what is pending, and stops; `done` is
    /// called when clients have nothing to wait for here any more. New writes meanwhile wait for
    /// the new primary to be known and are answered `not_primary`.
    void stop(std::function<void()> done);

    [[nodiscard]] NodeStatus status() const;
    [[nodiscard]] const NodeSettings& settings() const;
    /// The member who leads, as far as is known here.
    [[nodiscard]] const NodeAddress* primary() const;
    /// What fires, what was diagnosed, how it was repaired and verified; the newest incident first.
    /// Shape: lines of text for people, as many as the pipeline remembers.
    [[nodiscard]] std::vector<std::string> report() const;
    /// The life cycle, newest change first: "1.2 s ago secondary -> candidate: why".
    [[nodiscard]] std::vector<std::string> history() const;
    /// How often each error code occurred, then the last errors in words, newest first.
    [[nodiscard]] std::vector<std::string> errors() const;
    /// Adds an error of the service itself to `errors`.
    void record_error(ErrorCode code, std::string detail);

    /// Called when the node cannot go on: it takes no part any more, with or without a handler. The
    /// process should end with a failure, so that a supervisor starts it again.
    void on_fatal(std::function<void(const std::string& reason)> handler);
    /// Called when the role, the primary or serving has changed.
    void on_change(std::function<void()> handler);

  private:
    struct State;
    explicit Node(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;  // handlers in flight hold it weakly
};

}  // namespace ftcore
