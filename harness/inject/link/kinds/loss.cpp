// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/units.hpp"
#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/link/kinds/kernel_paths.hpp"
#include "harness/inject/link/kinds/link_fault.hpp"
#include "harness/inject/link/kinds/wording.hpp"

namespace faultline {
namespace {

constexpr double loss_min = 0.0001;

class Loss final : public Fault {
  public:
    Loss(std::map<KernelNetwork*, std::set<KernelNetwork::Path>> paths,
         double share,
         Duration within)
        : wanted_(std::move(paths)), share_(share), within_(within) {}

    [[nodiscard]] Result<> prepare() override {
        FL_TRY(paths_, KernelPaths::open(wanted_));
        return {};
    }

    // Nothing for the guardian to take back: what drops the packets goes with the namespaces of the
    // processes.

    [[nodiscard]] Result<> apply() override { return paths_.lose(share_); }

    [[nodiscard]] Proof prove(Instant) override {
        Proof proof{.evidence = "no packet has been dropped yet"};
        const auto dropped = paths_.dropped();
        if (!dropped) {
            proof.evidence = dropped.error().message;
        } else if (*dropped > 0) {
            proof.effect = Effect::confirmed;
            proof.evidence = link::counted(*dropped, "packet") + " dropped";
            proof.observed = now();
        }
        return proof;
    }

    [[nodiscard]] Duration prove_within() const override {
        return cleared_ ? Duration::zero() : within_;
    }

    [[nodiscard]] Result<> clear() override {
        FL_TRY_VOID(paths_.lose(0));
        cleared_ = true;
        return {};
    }

    [[nodiscard]] std::string account() const override {
        const auto dropped = paths_.dropped();
        if (!dropped) return {};
        return "in all " + link::counted(*dropped, "packet") + " dropped";
    }

    [[nodiscard]] std::string mechanism() const override {
        return fmt::format("{}", fmt::join(paths_.mechanisms(), ", "));
    }

  private:
    std::map<KernelNetwork*, std::set<KernelNetwork::Path>> wanted_;
    double share_;
    Duration within_;
    KernelPaths paths_;
    std::atomic<bool> cleared_{false};
};

}  // namespace

FaultKind link_loss() {
    Kind kind{.name = "link.loss",
              .about = "Packets between two instances are lost at random, whatever their port.",
              .parameters = {{.name = "share",
                              .type = ParameterType::share,
                              .help = "The share of packets that is lost.",
                              .required = true,
                              .minimum = loss_min,
                              .maximum = 1},
                             link::direction_parameter(),
                             proof_within_parameter()},
              .needs =
                  "links that the kernel carries (\"isolation\": \"netns\"): the right to make "
                  "network namespaces",
              .undo = "nothing is dropped any more",
              .proof = "the kernel counted dropped packets",
              .clears = true,
              .on_links = true,
              .needs_packets = true,
              .kernel_can = true};
    return {std::move(kind), [](FaultContext context) -> Result<std::unique_ptr<Fault>> {
                const Parameters& given = context.spec.parameters;
                const double share = given.get<double>("share");
                if (!(share >= loss_min && share <= 1)) {
                    return fail(
                        "share is " + format_share(share) + ", it must be between 0.01 % and 100 %",
                        ErrorCode::invalid);
                }
                const link::Ways ways = link::ways_of(given);
                std::map<KernelNetwork*, std::set<KernelNetwork::Path>> paths;
                for (const LinkVictim& victim : context.links) {
                    if (victim.network == nullptr) {
                        return fail(victim.name +
                                        " is a proxy, which knows no packets: set \"isolation\" to "
                                        "\"netns\"",
                                    ErrorCode::unsupported);
                    }
                    if (ways.up) paths[victim.network].insert({victim.from, victim.to});
                    if (ways.down) paths[victim.network].insert({victim.to, victim.from});
                }
                return std::make_unique<Loss>(
                    std::move(paths), share, given.get<Duration>("within"));
            }};
}

}  // namespace faultline
