// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/inject/link/link_victim.hpp"
#include "harness/run/connection_owner.hpp"
#include "harness/run/link_plan.hpp"
#include "harness/run/trial_network.hpp"

namespace faultline {

/// The links of one trial, open from before the launch until after the last instance has ended.
/// What carries them is decided by the plan: proxies of engines of the trial's own, the kernel's
/// network between namespaces, or both. A proxy stands where the instance is that it leads to: in
/// the machine's network one engine serves all, between namespaces each such instance has its own.
/// Thread: the trial's.
class TrialLinks {
  public:
    struct Options {
        const LinkPlan& plan;
        /// Where an instance listens itself: "127.0.0.1:7001".
        std::function<std::string(const std::string& instance, const std::string& port)> upstream;
        std::uint64_t seed = 0;
        /// Who may be at the beginning of a shared link, now. Thread: any.
        std::function<std::vector<OwnerCandidate>()> processes;
        /// Carries the packets; outlives this. Null: the machine's own network does.
        const TrialNetwork* network = nullptr;
    };
    /// Errors: `exists` when somebody has taken a port meanwhile.
    [[nodiscard]] static Result<std::unique_ptr<TrialLinks>> open(Options options);
    /// Ends every connection and frees the ports.
    ~TrialLinks();
    TrialLinks(const TrialLinks&) = delete;
    TrialLinks& operator=(const TrialLinks&) = delete;

    /// As faults see them, in the order of the plan.
    [[nodiscard]] const std::vector<LinkVictim>& all() const { return victims_; }
    [[nodiscard]] const LinkVictim* find(const std::string& name) const;
    [[nodiscard]] bool carries_packets() const { return network_ != nullptr; }

  private:
    explicit TrialLinks(const Options& options)
        : network_(options.network), processes_(options.processes) {}
    [[nodiscard]] Result<> open_all(const Options& options);
    /// The links that lead to one instance. Requires: the thread is in that instance's network.
    [[nodiscard]] Result<> open_at(const std::string& instance, const Options& options);
    [[nodiscard]] Result<link::Engine*> engine_at(const std::string& instance, std::uint64_t seed);
    [[nodiscard]] Result<> open_own(link::Engine& engine,
                                    const PlannedLink& link,
                                    const std::string& upstream);
    [[nodiscard]] Result<> open_shared(link::Engine& engine,
                                       const std::vector<const PlannedLink*>& group,
                                       const std::string& upstream);
    [[nodiscard]] std::optional<std::string> who_connected(int descriptor);
    void add(const PlannedLink& link, link::Engine* engine, link::LinkId id);

    const TrialNetwork* network_;
    std::function<std::vector<OwnerCandidate>()> processes_;
    std::vector<LinkVictim> victims_;
    ConnectionOwner owner_;
    // Last: their threads use everything above.
    std::map<std::string, std::unique_ptr<link::Engine>> engines_;  // by place
};

}  // namespace faultline
