// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "harness/scenario/load_scenario.hpp"
#include "tests/unit/scenario/fake_catalog.hpp"

namespace {

/// A broken property of the loader: the fuzzer keeps the input.
void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

// Any text either gives cases or mistakes, each mistake with a reason; what was resolved loads
// again and means the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace faultline;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const LoadedScenario loaded = load_scenario_text(text, "fuzz/s.json", fake_catalog());
    require(loaded.cases.empty() != loaded.diagnostics.empty());
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
        require(!diagnostic.message.empty());
        require(!format_diagnostic(diagnostic).empty());
    }
    if (loaded.cases.empty()) return 0;
    const std::string& resolved = loaded.cases.front().resolved_json;
    const LoadedScenario again = load_scenario_text(resolved, "fuzz/s.json", fake_catalog());
    require(again.diagnostics.empty());
    require(again.cases.size() == 1);
    require(again.cases.front().resolved_json == resolved);
    return 0;
}
