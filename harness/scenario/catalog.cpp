// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/catalog.hpp"

#include <set>

#include "harness/scenario/format.hpp"
#include "harness/scenario/parameter_values.hpp"

namespace faultline {

const Kind* find_kind(const std::vector<Kind>& kinds, const std::string& name) {
    for (const Kind& kind : kinds) {
        if (kind.name == name) return &kind;
    }
    return nullptr;
}

std::vector<std::string> names_of(const std::vector<Kind>& kinds) {
    std::vector<std::string> names;
    for (const Kind& kind : kinds)
        names.push_back(kind.name);
    return names;
}

Result<> check_catalog(const Catalog& catalog) {
    for (const Section* section : all_sections()) {
        std::set<std::string> names;
        for (const Kind& kind : kinds_of(catalog, section->kinds)) {
            if (!names.insert(kind.name).second) return fail(kind.name + " is there twice");
            if (const auto good = check_parameters(kind.parameters); !good) {
                return in_context(kind.name, good.error());
            }
            for (const Parameter& row : kind.parameters) {
                if (section->find(row.name) == nullptr) continue;
                return fail(kind.name + ": \"" + row.name + "\" is a key of every " +
                            section->name);
            }
        }
    }
    return {};
}

}  // namespace faultline
