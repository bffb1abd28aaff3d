// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/scenario/catalog.hpp"
#include "harness/scenario/diagnostic.hpp"
#include "harness/scenario/model.hpp"

namespace faultline {

/// What the command line adds to a scenario file.
struct LoadOptions {
    std::map<std::string, std::string>
        set{};  // parameter name, or JSON pointer starting with '/' → value
};

/// The cases of one scenario file: one without "parameters", else one per point of the matrix, in
/// the order of the file. Either `diagnostics` is empty and `cases` is not, or the other way round:
/// every mistake is reported at once.
struct LoadedScenario {
    std::vector<Scenario> cases;
    Diagnostics diagnostics;
};

/// read → extends (RFC 7396) → --set → parameters → decode → cross-check. Reads files, starts
/// nothing.
[[nodiscard]] LoadedScenario load_scenario(const std::filesystem::path& file,
                                           const Catalog& catalog,
                                           const LoadOptions& options = {});

/// The same from text in memory; `file` names it in messages and is where "extends" starts from.
[[nodiscard]] LoadedScenario load_scenario_text(const std::string& text,
                                                const std::filesystem::path& file,
                                                const Catalog& catalog,
                                                const LoadOptions& options = {});

}  // namespace faultline
