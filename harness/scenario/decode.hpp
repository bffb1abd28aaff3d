// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/catalog.hpp"
#include "harness/scenario/format.hpp"
#include "harness/scenario/mistakes.hpp"
#include "harness/scenario/model.hpp"
#include "harness/scenario/names.hpp"
#include "harness/scenario/parameter_values.hpp"

namespace faultline {

// From nodes to the model. Every function reports what is wrong and goes on with a default, so that
// one pass finds every mistake; what it answers counts only when there was none.

struct DecodeContext {
    Mistakes& mistakes;
    const Catalog& catalog;
    Names names;

    [[nodiscard]] ValueContext values(Scope scope = {}) const {
        return ValueContext{.mistakes = mistakes, .names = &names, .scope = scope};
    }
};

/// An object of the format, read by its rows.
struct DecodedSection {
    const Node* node = nullptr;
    Parameters values{};         // keys of form `value`: written or default
    Parameters own{};            // the kind's own parameters
    const Kind* kind = nullptr;  // null: not named, or unknown
    std::map<std::string, const Node*, std::less<>> parts{};  // keys of other forms, as written

    [[nodiscard]] const Node* part(std::string_view key) const;
    /// Whether the key is written, decodable or not.
    [[nodiscard]] bool has(std::string_view key) const { return node->find(key) != nullptr; }
};

/// Checks and decodes `node` by the rows of `section`, and by those of the kind it names.
[[nodiscard]] DecodedSection decode_section(const Section& section,
                                            const Node& node,
                                            const DecodeContext& context,
                                            Scope scope = {});
/// The same where the section may be left out: then everything has its default.
[[nodiscard]] DecodedSection decode_section_or_defaults(const Section& section,
                                                        const Node* node,
                                                        const DecodeContext& context,
                                                        Scope scope = {});

/// The scope inside an object whose key `key` selects a target.
[[nodiscard]] Scope scope_by(const Node& node, std::string_view key, const Names& names);

/// The texts of an array, each with its node. Errors: not an array, or something else in it.
struct PlacedText {
    std::string text;
    const Node* node;
};
[[nodiscard]] std::vector<PlacedText> decode_lines(const Node* node, const DecodeContext& context);

[[nodiscard]] ProbeSpec probe_of(const DecodedSection& section,
                                 const DecodeContext& context,
                                 Scope scope);

// Parts of a scenario, in the order of the file.
void decode_targets(const Node* node, DecodeContext& context, Scenario& scenario);
void decode_roles(const Node* node, DecodeContext& context, Scenario& scenario);
void decode_load(const DecodedSection& document, DecodeContext& context, Scenario& scenario);
/// Also collects the names of the links, for what is decoded after it. Requires: the load is
/// decoded.
void decode_links(const Node* node, DecodeContext& context, Scenario& scenario);
/// Also collects the names of the injections, for what is decoded after it.
void decode_faults(const Node* node, DecodeContext& context, Scenario& scenario);
void decode_detection(const Node* node, DecodeContext& context, Scenario& scenario);
void decode_trials(const Node* node, DecodeContext& context, Scenario& scenario);
void decode_expectations(const Node* node, DecodeContext& context, Scenario& scenario);
/// Requires: the targets are decoded.
void decode_secrets(const Node* node, DecodeContext& context, Scenario& scenario);

/// The whole scenario, without `file`, `parameters` and `resolved_json`.
[[nodiscard]] Scenario decode_scenario(const Node& document,
                                       const Catalog& catalog,
                                       Mistakes& mistakes);

}  // namespace faultline
