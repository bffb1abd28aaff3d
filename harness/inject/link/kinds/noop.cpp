// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/noop.hpp"

namespace faultline::link {
namespace {

class Noop final : public Effect {
  public:
    [[nodiscard]] Stages attach(Random, Tally&) override { return {}; }
};

}  // namespace

std::shared_ptr<Effect> make_noop() {
    return std::make_shared<Noop>();
}

}  // namespace faultline::link
