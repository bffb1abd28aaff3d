// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "targets/core/pipeline.hpp"
#include "targets/core/pipeline_settings.hpp"

namespace ftcore::testing {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Three nodes, kv[0] to kv[2] with the ids 1 to 3, as node `self` sees them, in virtual time:
/// beats of the others come every 10 ms, `turn` is called at every deadline, every action is
/// answered.
class Rig {
  public:
    struct Options {
        NodeId self = 2;
        NodeId leader = 1;
        Level level = Level::high;
        std::function<void(PipelineSettings&)> adjust{};
    };
    Rig() : Rig(Options{}) {}
    explicit Rig(Options options);

    /// What a probe of a peer meets, after 200 us. Absent: nothing ever.
    enum class Reach { accepted, refused, timed_out };

    struct Peer {
        bool beating = true;
        std::optional<Reach> reach = Reach::accepted;
        Health health{.storage_latency = milliseconds(2)};
        std::uint64_t sequence = 0;
        std::uint64_t incarnation = 0;
        Instant next_beat{};
    };

    void run_for(Duration span);
    void signal(Signal signal);
    /// Time passes, and this node does not run: beats wait for it, deadlines are missed.
    void sleep_through(Duration span);

    // ---- what befalls a peer
    void kill(NodeId peer);    // connection lost, then refused
    void freeze(NodeId peer);  // silent; its kernel accepts
    void thaw(NodeId peer);
    void cut_off(NodeId peer);  // silent; connections time out after 100 ms
    void restart(NodeId peer);  // another process, beating

    // ---- what this node does
    /// One synced write each period for a while.
    void write(Duration span, Duration period, Duration latency);
    void storage(ErrorCode outcome, Duration latency = milliseconds(2));
    /// Operations at 1000/s for a while; every `failing_every`-th fails (0: none).
    void operate(Duration span, Duration latency, int failing_every = 0);
    void lead();

    // ---- what came out
    [[nodiscard]] std::vector<PipelineEvent> events(const std::string& name) const;
    [[nodiscard]] std::string field(const PipelineEvent& event, const std::string& name) const;
    /// The field of the first event of this name; "-" when there is none.
    [[nodiscard]] std::string first(const std::string& event, const std::string& field) const;
    /// All values of a field over the events of a name, in order, with commas.
    [[nodiscard]] std::string all(const std::string& event, const std::string& field) const;
    [[nodiscard]] Instant at(const std::string& event) const;
    template <class Body>
    [[nodiscard]] std::vector<Body> actions() const {
        std::vector<Body> found;
        for (const Action& action : all_actions) {
            if (const auto* body = std::get_if<Body>(&action.what)) found.push_back(*body);
        }
        return found;
    }
    void forget();  // what came out so far

    Instant now;
    NodeView view;
    std::map<NodeId, Peer> peers;
    /// How actions turn out; by default well. Changes to `view` belong here.
    std::function<bool(const Action&)> carry_out = [](const Action&) { return true; };
    std::vector<PipelineEvent> all_events;
    std::vector<Action> all_actions;
    int turns = 0;
    Pipeline pipeline;

  private:
    struct Pending {
        Instant at;
        Signal signal;
    };
    void beat(NodeId id, Peer& peer);
    void answer(const Action& action);
    void pump();
    [[nodiscard]] Instant next_event() const;

    std::vector<Pending> pending_{};
};

}  // namespace ftcore::testing
