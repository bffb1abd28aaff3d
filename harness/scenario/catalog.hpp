// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/scenario/parameter.hpp"

namespace faultline {

/// What a scenario may name: one entry per fault kind, load driver or probe. The rooms that
/// implement the kinds own the entries; `run/catalog.hpp` puts them together, so that reading a
/// scenario does not depend on what executes it.
struct Kind {
    std::string name;   // "process.crash", "redis", "redis.role"
    std::string about;  // one line
    ParameterTable parameters{};
    std::string needs{};                 // faults: what the machine must allow
    std::string undo{};                  // faults: what takes it back
    std::string proof{};                 // faults: what proves that it took effect
    bool clears = false;                 // faults: "for" is meaningful
    std::vector<std::string> answers{};  // probes: what the answer's value can be, for people
    bool on_links = false;               // faults: "on" names links ("kv[0]->kv[1].peer")
    bool needs_packets = false;          // faults on links: only the kernel can do it ("netns")
    bool kernel_can = false;             // faults on links: the kernel can do it too
    bool checks_writes = false;          // drivers: it can read the final state back
};

struct Catalog {
    std::vector<Kind> faults;
    std::vector<Kind> drivers;
    std::vector<Kind> probes;
};

/// Whether a catalog fits the format: no kind twice, no parameter named like a fixed key that
/// stands beside it, every default valid. Errors: the first that does not.
[[nodiscard]] Result<> check_catalog(const Catalog& catalog);

[[nodiscard]] const Kind* find_kind(const std::vector<Kind>& kinds, const std::string& name);
[[nodiscard]] std::vector<std::string> names_of(const std::vector<Kind>& kinds);

}  // namespace faultline
