// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/load_scenario.hpp"

#include <array>

#include "harness/scenario/decode.hpp"
#include "harness/scenario/extends.hpp"
#include "harness/scenario/matrix.hpp"

namespace faultline {
namespace {

/// What may be written about: names stay, or the record would be of another scenario.
void mask_values(Node& node, const Secrets& secrets) {
    if (const std::string* text = node.text()) node.value = secrets.mask(*text);
    if (Node::Array* items = node.array()) {
        for (Node& item : *items)
            mask_values(item, secrets);
    }
    if (Node::Object* members = node.object()) {
        for (Node::Member& member : *members)
            mask_values(member.value, secrets);
    }
}

/// The pointers of the texts that were masked when the scenario was recorded.
void find_masked(const Node& node, const std::string& pointer, std::vector<std::string>& found) {
    const std::string* text = node.text();
    if (text != nullptr && text->find(Secrets::shown) != std::string::npos)
        found.push_back(pointer);
    if (const Node::Array* items = node.array()) {
        for (std::size_t index = 0; index < items->size(); ++index)
            find_masked((*items)[index], pointer + "/" + std::to_string(index), found);
    }
    if (const Node::Object* members = node.object()) {
        for (const Node::Member& member : *members)
            find_masked(member.value, pointer + "/" + escape_pointer(member.key), found);
    }
}

// What targets are started with and asked; parameters stand there too.
constexpr std::array secret_parts{"targets", "roles", "load", "faults"};

void note_masked(const Node& document, Scenario& scenario) {
    if (scenario.secret_names.empty()) return;
    for (const char* key : secret_parts) {
        if (const Node* part = document.find(key))
            find_masked(*part, std::string("/") + key, scenario.secrets_missing);
    }
}

void hide_secrets(Node& document, Scenario& scenario) {
    if (scenario.secrets.empty()) return;
    for (const char* key : secret_parts) {
        if (Node* part = document.find(key)) mask_values(*part, scenario.secrets);
    }
    for (const char* key : {"about", "parameters"}) {
        if (Node* part = document.find(key)) mask_values(*part, scenario.secrets);
    }
    scenario.about = scenario.secrets.mask(scenario.about);
    for (auto& [name, value] : scenario.parameters)
        value = scenario.secrets.mask(value);
}

LoadedScenario load(const std::filesystem::path& file,
                    const std::optional<std::string>& text,
                    const Catalog& catalog,
                    const LoadOptions& options) {
    Mistakes mistakes;
    LoadedScenario loaded;
    Secrets secrets;
    if (auto document = read_with_bases(file, text, mistakes)) {
        for (MatrixCase& one : span_matrix(std::move(*document), options.set, mistakes)) {
            Scenario scenario = decode_scenario(one.document, catalog, mistakes);
            scenario.file = file;
            scenario.parameters = std::move(one.parameters);
            note_masked(one.document, scenario);
            hide_secrets(one.document, scenario);
            secrets.add_all(scenario.secrets);
            scenario.resolved_json = write_document(one.document);
            loaded.cases.push_back(std::move(scenario));
        }
    }
    if (!mistakes.empty()) loaded.cases.clear();
    loaded.diagnostics = mistakes.diagnostics();
    for (Diagnostic& diagnostic : loaded.diagnostics)
        diagnostic.message = secrets.mask(diagnostic.message);
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
