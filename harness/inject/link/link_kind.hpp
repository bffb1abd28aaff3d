// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/random.hpp"
#include "harness/base/result.hpp"
#include "harness/inject/link/effect.hpp"
#include "harness/scenario/catalog.hpp"

namespace faultline::link {

/// A kind of link fault that is one effect on each link it is put on: the catalog entry, how the
/// effect is made from its parameters, and what its tally proves. The scenario's fault kinds and
/// the stand-alone proxy's toxics are both made from these rows.
struct LinkKind {
    Kind kind;  // name, parameters (with "direction" and "probability"), proof
    /// Errors: parameters that contradict each other, in a sentence.
    std::function<Result<std::shared_ptr<Effect>>(const Parameters& parameters)> make;
    /// Whether the tally shows an effect, and what it shows: "41 chunks delayed, 50.1 ms on
    /// average".
    std::function<bool(const Tally& tally)> proven;
    std::function<std::string(const Tally& tally)> account;
    /// "probability" is the share of connections it is for. False: the kind has its own
    /// "probability" (link.error: per request) and is for every connection.
    bool draws_connections = true;
    /// Its effect may come some time after the call (at the n-th byte): then t0 is `Tally::first`.
    bool waits = false;
    /// Looks from outside whether the effect is there, where that shows without anyone else's
    /// traffic: evidence, or nothing. `address`: where the link listens.
    std::function<std::optional<std::string>(const Parameters& parameters,
                                             const std::string& address)>
        look{};
};

/// Sorted by name: "link.bandwidth", "link.corrupt", ...
[[nodiscard]] const std::vector<LinkKind>& link_kinds();

/// "direction": "both" (the default), "upstream" (from the one who connects) or "downstream".
[[nodiscard]] Parameter direction_parameter();
[[nodiscard]] Ways ways_of(const Parameters& parameters);
/// "probability": the share of connections it is for.
[[nodiscard]] Parameter probability_parameter();

}  // namespace faultline::link
