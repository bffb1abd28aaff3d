// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "harness/base/random.hpp"
#include "harness/run/fleet.hpp"
#include "harness/run/trial_links.hpp"

namespace faultline {

/// What an injection is put on.
struct FaultHit {
    std::vector<int> instances{};            // indices into the fleet; for links: their ends
    std::vector<const LinkVictim*> links{};  // of a fault on links
    [[nodiscard]] bool empty() const { return instances.empty() && links.empty(); }
    /// "kv[0]", or "kv[0]->kv[1].peer", as the record has them.
    [[nodiscard]] std::vector<std::string> names(const Fleet& fleet) const;
};

/// Resolves what faults name to what is there right now.
/// Thread: the trial's.
class FaultTargets {
  public:
    /// What the injection with an id has hit; null: it has not fired.
    using Remember = std::function<const FaultHit*(const std::string& id)>;

    FaultTargets(const Fleet& fleet, const TrialLinks& links, Remember remember)
        : fleet_(fleet), links_(links), remember_(std::move(remember)) {}

    /// Errors: it matches nothing now; what it remembers has not been hit. `random` draws `:any`.
    [[nodiscard]] Result<FaultHit> resolve(const FaultSpec& fault, Random random) const;
    /// The names of the instances that a selector in a fault's parameters means; "load": itself.
    [[nodiscard]] Result<std::vector<std::string>> resolve(const std::string& selector,
                                                           Random random) const;

    /// The targets whose roles decide what the fault hits; empty: roles play no part.
    [[nodiscard]] static std::set<std::string> asked_for_roles(const FaultSpec& fault);
    /// Everything its selectors mean now, `:any` not yet drawn; to see whether that has changed.
    [[nodiscard]] std::vector<std::string> meant(const FaultSpec& fault) const;
    /// The first of its selectors that means nothing now; empty: all mean something, or what an
    /// earlier injection will have hit.
    [[nodiscard]] std::string missing(const FaultSpec& fault) const;

  private:
    [[nodiscard]] Result<FaultHit> instances(const Selector& on, Random& random) const;
    [[nodiscard]] Result<FaultHit> linked(const LinkSelector& on, Random& random) const;
    [[nodiscard]] Result<std::vector<int>> recall(const Selector& on) const;
    [[nodiscard]] Result<std::set<std::string>> ends(const Selector& end) const;
    [[nodiscard]] FaultHit hit_of(std::vector<const LinkVictim*> links) const;

    const Fleet& fleet_;
    const TrialLinks& links_;
    Remember remember_;
};

}  // namespace faultline
