// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "targets/core/diagnose/cause.hpp"
#include "targets/core/monitor/signal.hpp"
#include "targets/core/pipeline/event.hpp"
#include "targets/core/repair/action.hpp"
#include "targets/core/state/node_view.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

struct PipelineSettings;  // targets/core/pipeline_settings.hpp

/// From signals to a verified recovery:
///
///   signals ─► monitor ─► detect ─► alert ─► diagnose ─► repair ─► recover ─► verify
///              windows    anomaly?  tell     cause and   strategy  plan of    did it
///                                   people   place       by level  steps      help?
///                                                                    │ no: the next strategy,
///                                                                    ◄─┘ up to a limit, then safe
///
/// Each stage is one small interface in the folder of its name and emits its event. Pure: signals
/// and `now` in, actions and events out. Thread: one owner. Requires: `now` never goes back.
class Pipeline {
  public:
    /// Requires: settings passed `check` (pipeline_settings.hpp).
    Pipeline(PipelineSettings settings, Instant now);
    ~Pipeline();
    Pipeline(Pipeline&&) noexcept;
    Pipeline& operator=(Pipeline&&) noexcept;

    void signal(Instant now, Signal signal);
    /// At or after `deadline`, and whenever the view has changed. A signal that asks for a decision
    /// moves `deadline` to the past: look at it after every batch of signals.
    void turn(Instant now, const NodeView& view);
    [[nodiscard]] Instant deadline() const;

    [[nodiscard]] std::vector<Action> take_actions();
    [[nodiscard]] std::vector<PipelineEvent> take_events();

    /// Whom this node suspects now; goes into its own `Health`.
    [[nodiscard]] std::vector<NodeId> suspected() const;
    /// What this node says of itself; the runtime adds nothing.
    [[nodiscard]] Health health() const;
    /// Diagnoses and recoveries with their evidence, newest first, as lines of text: FT.STATUS.
    [[nodiscard]] std::vector<std::string> report() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ftcore
