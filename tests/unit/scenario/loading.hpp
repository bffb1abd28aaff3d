// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "harness/scenario/load_scenario.hpp"
#include "tests/unit/scenario/fake_catalog.hpp"

namespace faultline {

inline LoadedScenario load_text(const std::string& text, const LoadOptions& options = {}) {
    return load_scenario_text(text, "s.json", fake_catalog(), options);
}

/// The messages as people read them.
inline std::vector<std::string> mistakes_of(const LoadedScenario& loaded) {
    std::vector<std::string> texts;
    for (const Diagnostic& diagnostic : loaded.diagnostics)
        texts.push_back(format_diagnostic(diagnostic));
    return texts;
}
inline std::vector<std::string> mistakes_in(const std::string& text,
                                            const LoadOptions& options = {}) {
    return mistakes_of(load_text(text, options));
}

/// A right scenario of one target "kv" with `more` keys after it, which start on line 2.
inline std::string with(const std::string& more) {
    return R"({"name": "n", "targets": {"kv": {"count": 2, "command": ["kv"], "ports": ["client"]}},)"
           "\n" +
           more + "}";
}
inline constexpr const char* with_load = R"("load": {"driver": "redis", "to": "kv"})";

/// Exactly these mistakes, each given by a part of its message.
template <class... Parts>
auto mistakes_with(Parts... parts) {
    return testing::ElementsAre(testing::HasSubstr(parts)...);
}

}  // namespace faultline
