// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "targets/core/failover/consensus.hpp"
#include "targets/core/failover/invariants.hpp"

namespace ftcore {

/// One member under test; the test plays the others, the disk and the clock.
class Solo {
  public:
    struct Options {
        NodeId self = 1;
        std::size_t count = 3;
        std::vector<NodeId> witnesses{};
        Level level = Level::high;
        Recovered recovered{};
    };
    explicit Solo(Options options);
    Solo() : Solo(Options{}) {}

    [[nodiscard]] Consensus& operator*() { return consensus_; }
    [[nodiscard]] Consensus* operator->() { return &consensus_; }
    [[nodiscard]] Instant now() const { return now_; }

    // ---- inputs; each collects the effects and checks the invariants
    void wait(Duration span);  // ticks whenever it is due
    void tick_when_due();      // jumps to the deadline
    void receive(NodeId from, Term term, MessageBody body);
    void stored(Stored progress);
    void store_all();
    void propose(std::vector<std::string> data);
    void read(std::uint64_t token);
    void suspect(NodeId leader, Suspicion suspicion);
    template <class Call>
    void call(Call&& input) {
        before();
        input(consensus_, now_);
        after();
    }

    /// Becomes leader with the votes of 2; leaves nothing to be stored or sent.
    void elect();
    /// And has its first entry agreed.
    void serve();
    /// A peer accepts everything that was sent to it since `forget`.
    void acknowledge(NodeId peer);

    // ---- what came of it since `forget`
    std::vector<StorageWork> storage{};
    std::vector<Message> messages{};
    std::vector<Answer> answers{};
    std::vector<SnapshotWanted> wanted{};
    std::optional<Index> apply_to{};
    int rebuilds = 0;
    void forget();

    /// Messages of one kind, in order.
    template <class Body>
    [[nodiscard]] std::vector<Body> sent(NodeId to = nobody) const {
        std::vector<Body> found;
        for (const Message& message : messages) {
            const auto* body = std::get_if<Body>(&message.body);
            if (body != nullptr && (to == nobody || message.to == to)) found.push_back(*body);
        }
        return found;
    }

  private:
    void before();
    void after();

    NodeId self_;
    Instant now_{std::chrono::seconds(500)};
    Consensus consensus_;
    Observation observed_{};
    std::uint64_t issued_ = 0;
    std::uint64_t tokens_ = 0;
};

/// `count` entries of `term` behind `from`.
[[nodiscard]] std::vector<Entry> entries_of(Term term, Index from, std::size_t count);

}  // namespace ftcore
