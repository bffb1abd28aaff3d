// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/down.hpp"

#include <utility>

#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/link/kinds/connect_attempt.hpp"
#include "harness/inject/link/kinds/wording.hpp"

namespace faultline::link {
namespace {

class Down final : public Effect {
  public:
    explicit Down(DownSpec spec) : spec_(spec) {}

    [[nodiscard]] Stages attach(Random, Tally&) override { return {}; }
    [[nodiscard]] Door door() const override {
        return spec_.mode == DownSpec::Mode::refuse ? Door::refuse : Door::silent;
    }
    [[nodiscard]] OpenConnections open_connections() const override { return spec_.open; }

  private:
    DownSpec spec_;
};

std::optional<std::string> look_for_refusal(const Parameters& given, const std::string& address) {
    if (given.get<std::string>("mode") != "refuse") return std::nullopt;
    if (attempt_connect(address) != ConnectAnswer::refused) return std::nullopt;
    return "connecting to " + address + " is refused";
}

DownSpec down_spec_of(const Parameters& given) {
    DownSpec spec;
    if (given.get<std::string>("mode") == "silent") spec.mode = DownSpec::Mode::silent;
    const auto& open = given.get<std::string>("open");
    if (open == "close") spec.open = OpenConnections::close;
    if (open == "keep") spec.open = OpenConnections::keep;
    return spec;
}

}  // namespace

std::shared_ptr<Effect> make_down(DownSpec spec) {
    return std::make_shared<Down>(spec);
}

LinkKind link_down() {
    Kind kind{
        .name = "link.down",
        .about = "Nobody listens at the other end.",
        .parameters = {{.name = "mode",
                        .type = ParameterType::choice,
                        .help = "Those who connect are refused, or accepted and not answered until "
                                "it is cleared (silent).",
                        .default_value = "refuse",
                        .choices = {"refuse", "silent"}},
                       {.name = "open",
                        .type = ParameterType::choice,
                        .help = "Connections that are open: reset, closed, or kept.",
                        .default_value = "reset",
                        .choices = {"reset", "close", "keep"}},
                       probability_parameter()},
        .needs = "a link in the scenario; no rights",
        .undo = "the link listens again",
        .proof =
            "a connect attempt of the harness was refused; or connections were reset, closed "
            "or left unanswered",
        .clears = true,
        .on_links = true};
    return {.kind = std::move(kind),
            .make = [](const Parameters& given) -> Result<std::shared_ptr<Effect>> {
                return make_down(down_spec_of(given));
            },
            .proven =
                [](const Tally& tally) {
                    return tally.resets.get() + tally.closes.get() + tally.silent.get() > 0;
                },
            .account = ending_account,
            .look = look_for_refusal};
}

}  // namespace faultline::link
