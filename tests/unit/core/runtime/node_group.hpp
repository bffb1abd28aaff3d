// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "targets/core/runtime/node.hpp"
#include "tests/unit/core/runtime/relay.hpp"

namespace ftcore::testing {

/// Keeps what it was told, one command behind the other; a snapshot comes in many pieces.
class Tape final : public StateMachine {
  public:
    std::string apply(std::string_view command) override;
    std::unique_ptr<SnapshotSource> snapshot() override;
    void restore_begin() override;
    Result<> restore_piece(std::string_view piece) override;
    Result<> restore_end() override;

    std::string text{};
    std::size_t commands = 0;
    std::size_t snapshots = 0;     // that were begun
    std::size_t open_sources = 0;  // that still live: never more than one
    std::size_t open_sources_max = 0;
    std::size_t piece_bytes = std::size_t{64} << 10;
    bool refuses_snapshots = false;  // what it is given cannot be restored
};

/// A group of nodes on one loop, with real files, sockets and timers. Nodes are counted from 0.
class NodeGroup {
  public:
    struct Options {
        std::function<void(NodeSettings&)> adjust{};
        bool relayed = false;  // every node reaches every other through a relay of its own
    };
    explicit NodeGroup(std::size_t count, Options options);
    explicit NodeGroup(std::size_t count) : NodeGroup(count, Options{}) {}
    ~NodeGroup();
    NodeGroup(const NodeGroup&) = delete;
    NodeGroup& operator=(const NodeGroup&) = delete;

    /// All of them, and waits for a primary.
    void start();
    [[nodiscard]] Result<> open(std::size_t node);
    void close(std::size_t node) { nodes[node].reset(); }
    [[nodiscard]] std::filesystem::path folder(std::size_t node) const;
    /// What stands between two nodes. Requires: relayed.
    [[nodiscard]] Relay& relay(std::size_t from, std::size_t to) { return *relays_[{from, to}]; }
    /// Nothing that `from` says reaches `to` any more, on either's connection, until it is off;
    /// then all of it comes late.
    void stall(std::size_t from, std::size_t to, bool on);
    /// No connection between the two, and none can be made.
    void disconnect(std::size_t a, std::size_t b, bool on);

    /// Runs the loop until the condition holds; fails the test after 30 s.
    bool run_until(const std::function<bool()>& condition, const std::string& what);
    /// Who serves, if anybody does.
    [[nodiscard]] std::optional<std::size_t> primary() const;
    [[nodiscard]] NodeStatus status(std::size_t node) const { return nodes[node]->status(); }

    /// How a write ended, once it has.
    struct Write {
        std::optional<ErrorCode> outcome{};
        int answers = 0;
    };
    std::shared_ptr<Write> write(std::size_t node, std::string command);
    /// Runs the loop for a while, for what must not happen meanwhile.
    void run_for(Duration span);
    /// All applied the same commands.
    [[nodiscard]] bool converged() const;
    /// Commands of `bytes` each, at whoever is primary, until `count` have succeeded.
    void fill(std::size_t count, std::size_t bytes);

    boost::asio::io_context loop{1};
    std::vector<NodeSettings> settings{};
    std::vector<std::unique_ptr<Tape>> tapes{};
    std::vector<std::unique_ptr<Node>> nodes{};

  private:
    std::filesystem::path root_;
    std::vector<boost::asio::ip::tcp::socket> ports_{};  // bound, so that nobody else gets them
    std::map<std::pair<std::size_t, std::size_t>, std::unique_ptr<Relay>> relays_{};
};

}  // namespace ftcore::testing
