// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/catalog.hpp"
#include "harness/scenario/parameter.hpp"

namespace faultline {

struct Section;

/// How a key of the format is written.
enum class KeyForm {
    value,           // as its row's type says
    kind,            // the name of a fault, driver or probe of the catalog
    scalar,          // a text, a number, true or false → text
    seed,            // a whole number of 64 bits without sign
    names,           // an array of names
    lines,           // an array of texts that are no templates
    section,         // an object of its own keys
    sections,        // an array of such objects
    named_sections,  // an object of names and such objects
    roles,           // target → role → such an object
    instances,       // instance number → part of the section around it
    environment,     // name → text, or null to take it away
    files,           // name → text, or an array of lines
    matrix,          // name → value, or an array of values
    extends,         // a path, or an array of them
    link_end,        // the name of a target, or "load"
    victims,         // a selector, or a link selector, as the kind beside it takes
};

/// One fixed key of the scenario format: a parameter row, and its form where that is no parameter
/// type.
struct Key {
    Parameter row;
    KeyForm form = KeyForm::value;
    const Section* section = nullptr;  // of the forms that contain others
};

/// Which of the catalog's kinds adds its own parameters beside a section's keys.
enum class SectionKinds { none, faults, drivers, probes };

/// An object of the scenario format. Decoding, did-you-mean, the JSON Schema and the reference are
/// all made from these rows.
struct Section {
    std::string name;   // "load", as in the schema's definitions
    std::string about;  // one sentence for the reference
    std::vector<Key> keys;
    SectionKinds kinds = SectionKinds::none;

    [[nodiscard]] const Key* find(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> key_names() const;
    /// The key that names the kind: "fault", "driver", "probe"; null without kinds.
    [[nodiscard]] const Key* kind_key() const;
};

[[nodiscard]] const Section& scenario_section();
[[nodiscard]] const Section& target_section();
[[nodiscard]] const Section& ready_section();
[[nodiscard]] const Section& stop_section();
[[nodiscard]] const Section& limits_section();
[[nodiscard]] const Section& role_section();
[[nodiscard]] const Section& load_section();
[[nodiscard]] const Section& reconnect_section();
[[nodiscard]] const Section& link_section();
[[nodiscard]] const Section& condition_section();
[[nodiscard]] const Section& fault_section();
[[nodiscard]] const Section& after_section();
[[nodiscard]] const Section& signal_section();
[[nodiscard]] const Section& redundancy_section();
[[nodiscard]] const Section& trials_section();

/// All of them, outermost first.
[[nodiscard]] std::vector<const Section*> all_sections();

[[nodiscard]] const std::vector<Kind>& kinds_of(const Catalog& catalog, SectionKinds kinds);

/// Keys of a target that "instances" may change.
[[nodiscard]] const std::vector<std::string>& instance_keys();

}  // namespace faultline
