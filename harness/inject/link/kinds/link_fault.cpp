// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/link_fault.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/inject/link/kinds/wording.hpp"

namespace faultline {
namespace {

class LinkFault final : public Fault {
  public:
    LinkFault(link::LinkKind row, const FaultSpec& spec, std::vector<LinkVictim> links)
        : row_(std::move(row)),
          id_(spec.id),
          parameters_(spec.parameters),
          probability_(row_.draws_connections ? parameters_.get<double>("probability") : 1),
          links_(std::move(links)) {}

    [[nodiscard]] Result<> prepare() override {
        carriers_.clear();
        for (const LinkVictim& victim : links_) {
            const auto found =
                std::find_if(carriers_.begin(), carriers_.end(), [&](const Carrier& carrier) {
                    return carrier.engine == victim.engine;
                });
            if (found != carriers_.end()) {
                found->links.push_back(victim.id);
                continue;
            }
            FL_TRY(auto effect, row_.make(parameters_));
            carriers_.push_back(
                {victim.engine, {victim.id}, std::move(effect), std::make_shared<link::Tally>()});
        }
        return {};
    }

    // Nothing for the guardian to take back: a proxy dies with the harness.

    [[nodiscard]] Result<> apply() override {
        for (const Carrier& carrier : carriers_) {
            std::vector<link::Change> changes;
            for (const link::LinkId link : carrier.links)
                changes.push_back({link, id_, carrier.effect, carrier.tally, probability_});
            carrier.engine->apply(std::move(changes));
        }
        return {};
    }

    [[nodiscard]] Proof prove(Instant applied) override {
        Proof proof{.evidence = fmt::format("nothing has happened on {} yet",
                                            link::counted(links_.size(), "link"))};
        std::optional<Instant> first;
        for (const Carrier& carrier : carriers_) {
            if (!row_.proven(*carrier.tally)) continue;
            const Instant seen = carrier.tally->first().value_or(now());
            first = std::min(first.value_or(seen), seen);
        }
        if (!first) {
            auto seen = look_from_outside();
            if (!seen) return proof;
            proof.evidence = std::move(*seen);
            proof.observed = now();
        } else {
            proof.evidence = tell();
            proof.observed = first;
            if (row_.waits && *first > applied) proof.began = first;
        }
        proof.effect = Effect::confirmed;
        return proof;
    }

    /// Once it is cleared nothing more can happen.
    [[nodiscard]] Duration prove_within() const override {
        return cleared_ ? Duration::zero() : parameters_.get<Duration>("within");
    }

    [[nodiscard]] Result<> clear() override {
        for (const Carrier& carrier : carriers_) {
            std::vector<link::Change> changes;
            for (const link::LinkId link : carrier.links)
                changes.push_back({.link = link, .id = id_});
            carrier.engine->apply(std::move(changes));
        }
        cleared_ = true;
        return {};
    }

    [[nodiscard]] std::string account() const override { return "in all " + tell(); }

    [[nodiscard]] std::string mechanism() const override { return describe_proxies(links_.size()); }

  private:
    /// The links that one engine carries. Each engine has an effect and a tally of its own, for its
    /// thread alone writes them.
    struct Carrier {
        link::Engine* engine;
        std::vector<link::LinkId> links;
        // Shared with the engine, which may let go of them later than this fault.
        std::shared_ptr<link::Effect> effect;
        std::shared_ptr<link::Tally> tally;
    };

    /// Evidence that needs nobody's traffic; every link must show it. Looked for once: the effect
    /// is in force when `apply` returns, and where it does not show (on a shared address, for a
    /// share of connections) looking again would only disturb the target.
    [[nodiscard]] std::optional<std::string> look_from_outside() {
        const bool looks = row_.look && probability_ >= 1 && !looked_;
        if (!looks) return std::nullopt;
        looked_ = true;
        std::optional<std::string> evidence;
        for (const LinkVictim& victim : links_) {
            const std::string address = victim.engine->listen_address(victim.id);
            auto seen = row_.look(parameters_, address);
            if (!seen) return std::nullopt;
            if (!evidence) evidence = std::move(seen);
        }
        if (links_.size() > 1) *evidence += fmt::format(", as on all {} links", links_.size());
        return evidence;
    }

    [[nodiscard]] std::string tell() const {
        std::vector<std::string> sentences;
        for (const Carrier& carrier : carriers_) {
            const link::Tally& tally = *carrier.tally;
            std::string text = row_.account(tally);
            if (text.empty()) text = "nothing";
            text += fmt::format(" on {}", link::counted(tally.connections.get(), "connection"));
            if (const auto spared = tally.spared.get(); spared > 0)
                text += fmt::format(", {} spared", link::counted(spared, "connection"));
            sentences.push_back(std::move(text));
        }
        return fmt::format("{}", fmt::join(sentences, "; "));
    }

    link::LinkKind row_;
    std::string id_;
    Parameters parameters_;
    double probability_;  // of a connection
    bool looked_ = false;
    std::vector<LinkVictim> links_;
    std::vector<Carrier> carriers_;
    std::atomic<bool> cleared_{false};
};

}  // namespace

FaultKind link_fault_kind(link::LinkKind row) {
    Kind kind = row.kind;
    kind.parameters.push_back(proof_within_parameter());
    return {std::move(kind),
            [row = std::move(row)](FaultContext context) -> Result<std::unique_ptr<Fault>> {
                for (const LinkVictim& victim : context.links) {
                    if (victim.engine != nullptr) continue;
                    return fail(fmt::format("{} is carried by the kernel; {} needs a proxy, set "
                                            "\"isolation\" to \"process\"",
                                            victim.name,
                                            row.kind.name),
                                ErrorCode::unsupported);
                }
                FL_TRY_VOID(row.make(context.spec.parameters));  // what contradicts itself, early
                return std::make_unique<LinkFault>(row, context.spec, std::move(context.links));
            }};
}

Parameter proof_within_parameter() {
    return {.name = "within",
            .type = ParameterType::duration,
            .help =
                "How long its first effect is waited for; without one the trial is "
                "ineffective.",
            .default_value = "10s",
            .minimum = 1e6,
            .maximum = 3600e9};
}

std::string describe_proxies(std::size_t link_count) {
    return "proxy of " + link::counted(link_count, "link");
}

}  // namespace faultline
