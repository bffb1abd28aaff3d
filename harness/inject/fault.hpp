// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/random.hpp"
#include "harness/base/result.hpp"
#include "harness/base/time.hpp"
#include "harness/inject/link/link_victim.hpp"
#include "harness/inject/victim.hpp"
#include "harness/scenario/catalog.hpp"
#include "harness/scenario/model.hpp"
#include "harness/timeline/timeline.hpp"

namespace faultline {

/// What must be taken back if the harness dies now. `run` turns it into the guardian's record.
struct Undo {
    enum class Kind {
        continue_process,
        thaw_cgroup,
        write_file,
        disarm_failpoint,  // path: a control file; content: the point
    };
    Kind kind = Kind::continue_process;
    pid_t pid = 0;
    std::uint64_t start_ticks = 0;
    std::filesystem::path path{};
    std::string content{};
};

struct Proof {
    Effect effect = Effect::unconfirmed;
    std::string evidence{};
    std::optional<Instant> observed{};
    /// When it began, for a fault that waits in the victim for its moment: t0 instead of the call.
    std::optional<Instant> began{};
    std::optional<Instant> effective_bound{};
};

/// One application of a fault kind to some victims. The life of it:
///
///   prepare ─► (undo() goes to the guardian) ─► apply ─► prove ... ─► clear
///   opens what     before anything changes     one call   evidence    takes it back
///   apply needs                                at t0
class Fault {
  public:
    virtual ~Fault() = default;

    /// Everything that can be done beforehand: opening files, building messages.
    [[nodiscard]] virtual Result<> prepare() = 0;
    [[nodiscard]] virtual std::vector<Undo> undo() const { return {}; }
    /// The fault itself, as short as it can be. Thread: the injector's.
    [[nodiscard]] virtual Result<> apply() = 0;
    /// Looks once whether the effect is there; called again until confirmed or its deadline passes.
    /// `applied` is t0. Thread: the trial's.
    [[nodiscard]] virtual Proof prove(Instant applied) = 0;
    /// How long a proof may take.
    [[nodiscard]] virtual Duration prove_within() const { return std::chrono::seconds(5); }
    /// Takes the fault back. Idempotent. Thread: the injector's, or the trial's at the end.
    [[nodiscard]] virtual Result<> clear() { return {}; }
    /// What it did in all, added to the evidence once it is cleared; empty: there is no more to
    /// say.
    [[nodiscard]] virtual std::string account() const { return {}; }
    /// "cgroup freeze", "SIGSTOP (fallback)": what was really used.
    [[nodiscard]] virtual std::string mechanism() const = 0;
};

/// What a fault is made from.
struct FaultContext {
    const FaultSpec& spec;
    std::vector<Victim*> victims;  // empty only for a fault on links
    Random random;
    /// For a fault on links: those it is put on, never empty. They outlive the fault.
    std::vector<LinkVictim> links{};
    /// The names of the instances that a selector in its parameters means right now ("load" means
    /// the load).
    std::function<Result<std::vector<std::string>>(const std::string& selector)> resolve{};
};

/// A fault kind: its catalog entry and how to make one.
struct FaultKind {
    Kind kind;
    std::function<Result<std::unique_ptr<Fault>>(FaultContext context)> make;
};

/// The fault kinds, sorted by name.
[[nodiscard]] const std::vector<FaultKind>& fault_kinds();
[[nodiscard]] Result<std::unique_ptr<Fault>> make_fault(FaultContext context);

}  // namespace faultline
