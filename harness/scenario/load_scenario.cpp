// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/load_scenario.hpp"

#include "harness/scenario/decode.hpp"
#include "harness/scenario/extends.hpp"
#include "harness/scenario/matrix.hpp"

namespace faultline {
namespace {

LoadedScenario load(const std::filesystem::path& file,
                    const std::optional<std::string>& text,
                    const Catalog& catalog,
                    const LoadOptions& options) {
    Mistakes mistakes;
    LoadedScenario loaded;
    if (auto document = read_with_bases(file, text, mistakes)) {
        for (MatrixCase& one : span_matrix(std::move(*document), options.set, mistakes)) {
            Scenario scenario = decode_scenario(one.document, catalog, mistakes);
            scenario.file = file;
            scenario.parameters = std::move(one.parameters);
            scenario.resolved_json = write_document(one.document);
            loaded.cases.push_back(std::move(scenario));
        }
    }
    if (!mistakes.empty()) loaded.cases.clear();
    loaded.diagnostics = mistakes.diagnostics();
    return loaded;
}

}  // namespace

LoadedScenario load_scenario(const std::filesystem::path& file,
                             const Catalog& catalog,
                             const LoadOptions& options) {
    return load(file, std::nullopt, catalog, options);
}

LoadedScenario load_scenario_text(const std::string& text,
                                  const std::filesystem::path& file,
                                  const Catalog& catalog,
                                  const LoadOptions& options) {
    return load(file, text, catalog, options);
}

}  // namespace faultline
