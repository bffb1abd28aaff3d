// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/link/kinds/connect_attempt.hpp"
#include "harness/inject/link/kinds/down.hpp"
#include "harness/inject/link/kinds/flapping.hpp"
#include "harness/inject/link/kinds/kernel_paths.hpp"
#include "harness/inject/link/kinds/link_fault.hpp"
#include "harness/inject/link/kinds/partition_order.hpp"
#include "harness/inject/link/kinds/stall.hpp"
#include "harness/inject/link/kinds/wording.hpp"

namespace faultline {
namespace {

class Partition final : public Fault {
  public:
    explicit Partition(PartitionOrder order) : order_(std::move(order)) {}

    [[nodiscard]] Result<> prepare() override {
        carriers_.clear();
        for (const CutLink& cut : order_.cuts) {
            if (!cut.by_kernel(order_.mode)) add_to_carrier(cut);
        }
        FL_TRY(paths_, KernelPaths::open(kernel_paths()));
        if (order_.period)
            flapping_ = std::make_unique<link::Flapping>([this](bool on) { return set(on); });
        return {};
    }

    // Nothing for the guardian to take back: a proxy dies with the harness, and what the kernel
    // drops goes with the namespaces of the processes.

    [[nodiscard]] Result<> apply() override {
        const Instant start = now();
        auto cut = set(true);
        if (!cut) {
            static_cast<void>(set(false));  // what is told is why it could not be cut
        } else if (flapping_) {
            flapping_->begin({start, *order_.period});
        }
        return cut;
    }

    [[nodiscard]] Proof prove(Instant) override {
        Proof proof{.evidence = describe_cuts() + "; nothing has been sent on them yet"};
        std::vector<std::string> seen;
        for (const Carrier& carrier : carriers_) {
            if (const std::string text = carrier.tell(); !text.empty()) {
                seen.push_back(text);
                const Instant first = carrier.tally->first().value_or(now());
                proof.observed = std::min(proof.observed.value_or(first), first);
            }
        }
        const auto dropped = paths_.dropped();
        if (!dropped) {
            proof.evidence = dropped.error().message;
            return proof;
        }
        if (*dropped > 0) seen.push_back(link::counted(*dropped, "packet") + " dropped");
        if (seen.empty()) {
            if (auto refused = look_for_refusal()) seen.push_back(std::move(*refused));
        }
        if (seen.empty()) return proof;
        proof.evidence = fmt::format("{}; {}", describe_cuts(), fmt::join(seen, "; "));
        if (!proof.observed) proof.observed = now();
        proof.effect = Effect::confirmed;
        return proof;
    }

    [[nodiscard]] Duration prove_within() const override {
        return cleared_ ? Duration::zero() : order_.within;
    }

    [[nodiscard]] Result<> clear() override {
        Result<> stopped = flapping_ ? flapping_->stop() : Result<>();
        Result<> healed = set(false);
        if (!healed) return healed;
        cleared_ = true;
        return stopped;
    }

    [[nodiscard]] std::string account() const override {
        std::vector<std::string> sentences;
        for (const Carrier& carrier : carriers_) {
            if (auto text = carrier.tell(); !text.empty()) sentences.push_back(std::move(text));
        }
        if (const auto dropped = paths_.dropped(); dropped && *dropped > 0)
            sentences.push_back(link::counted(*dropped, "packet") + " dropped");
        if (order_.period) sentences.push_back(fmt::format("cut {} times", cut_count_.load()));
        if (sentences.empty()) return {};
        return fmt::format("in all {}", fmt::join(sentences, "; "));
    }

    [[nodiscard]] std::string mechanism() const override {
        std::vector<std::string> parts = paths_.mechanisms();
        const auto proxied = static_cast<std::size_t>(
            std::count_if(order_.cuts.begin(), order_.cuts.end(), [this](const CutLink& cut) {
                return !cut.by_kernel(order_.mode);
            }));
        if (proxied > 0) parts.push_back(describe_proxies(proxied));
        return fmt::format("{}", fmt::join(parts, ", "));
    }

  private:
    /// What is cut on one engine. The effects hold no state, so that they may come and go.
    struct Carrier {
        link::Engine* engine;
        // Shared with the engine, which may let go of them later than this fault.
        std::map<std::pair<bool, bool>, std::shared_ptr<link::Effect>> effects{};  // by ways
        std::shared_ptr<link::Tally> tally = std::make_shared<link::Tally>();
        std::vector<link::Change> cut{};
        std::vector<link::Change> heal{};

        [[nodiscard]] std::string tell() const {
            const std::string held =
                tally->chunks.get() > 0 ? link::delay_account(*tally, "held") : std::string();
            return link::joined(held, link::ending_account(*tally));
        }
    };

    void add_to_carrier(const CutLink& cut) {
        auto found = std::find_if(carriers_.begin(), carriers_.end(), [&](const Carrier& carrier) {
            return carrier.engine == cut.victim.engine;
        });
        if (found == carriers_.end())
            found = carriers_.insert(carriers_.end(), Carrier{cut.victim.engine});
        auto& effect = found->effects[{cut.ways.up, cut.ways.down}];
        if (!effect) effect = make_effect(cut.ways);
        found->cut.push_back({cut.victim.id, order_.id, effect, found->tally});
        found->heal.push_back({.link = cut.victim.id, .id = order_.id});
    }

    [[nodiscard]] std::shared_ptr<link::Effect> make_effect(link::Ways ways) const {
        if (order_.mode == CutMode::reset) return link::make_down({});
        // Who connects meanwhile waits, as on a cut network, and is connected on after the heal.
        return link::make_stall({.silent = true, .ways = ways});
    }

    [[nodiscard]] std::map<KernelNetwork*, std::set<KernelNetwork::Path>> kernel_paths() const {
        std::map<KernelNetwork*, std::set<KernelNetwork::Path>> paths;
        for (const CutLink& cut : order_.cuts) {
            if (!cut.by_kernel(order_.mode)) continue;
            const auto& [victim, ways] = cut;
            if (ways.up) paths[victim.network].insert({victim.from, victim.to});
            if (ways.down) paths[victim.network].insert({victim.to, victim.from});
        }
        return paths;
    }

    /// Cuts or heals everything. Thread: the injector's, the flapping's, the trial's; never two at
    /// once.
    [[nodiscard]] Result<> set(bool on) {
        for (const Carrier& carrier : carriers_)
            carrier.engine->apply(on ? carrier.cut : carrier.heal);
        if (on) ++cut_count_;
        return on ? paths_.cut() : paths_.heal();
    }

    /// Refusals show without anyone's traffic. Looked for once: where the first link does not
    /// refuse (on a shared address) looking again would only disturb the target.
    [[nodiscard]] std::optional<std::string> look_for_refusal() {
        if (order_.mode != CutMode::reset || std::exchange(looked_, true)) return std::nullopt;
        const LinkVictim& victim = order_.cuts.front().victim;
        const std::string address = victim.engine->listen_address(victim.id);
        if (link::attempt_connect(address) != link::ConnectAnswer::refused) return std::nullopt;
        return "connecting to " + address + " is refused";
    }

    [[nodiscard]] std::string describe_cuts() const {
        return fmt::format(
            "{} of {} cut", order_.cuts.size(), link::counted(order_.link_count, "link"));
    }

    PartitionOrder order_;
    std::vector<Carrier> carriers_;
    KernelPaths paths_;
    bool looked_ = false;
    std::atomic<std::uint64_t> cut_count_{0};
    std::atomic<bool> cleared_{false};
    std::unique_ptr<link::Flapping> flapping_;  // last: its thread uses everything above
};

}  // namespace

FaultKind link_partition() {
    Kind kind{
        .name = "link.partition",
        .about = "Cuts links between groups of instances; \"on\" names those that may be cut.",
        .parameters = partition_parameters(),
        .needs = "links in the scenario; no rights, or the kernel where it carries them",
        .undo = "the links are healed; what was held goes on at once, in order",
        .proof = "bytes were held, packets dropped, or connections reset or refused",
        .clears = true,
        .on_links = true,
        .kernel_can = true};
    return {std::move(kind), [](FaultContext context) -> Result<std::unique_ptr<Fault>> {
                FL_TRY(PartitionOrder order, partition_order(context));
                return std::make_unique<Partition>(std::move(order));
            }};
}

}  // namespace faultline
