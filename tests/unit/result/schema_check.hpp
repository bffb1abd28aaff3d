// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <nlohmann/json.hpp>

#include "harness/base/file.hpp"

// For tests of what is written against the published schemas, whose folder is
// FAULTLINE_SCHEMA_FOLDER.

namespace faultline {

inline nlohmann::json schema_named(const std::string& name) {
    const auto text = read_file(std::string(FAULTLINE_SCHEMA_FOLDER) + "/" + name + ".schema.json");
    return text ? nlohmann::json::parse(*text) : nlohmann::json();
}

/// Empty when `document` is valid.
inline std::string complaints(const nlohmann::json& schema_json, const nlohmann::json& document) {
    valijson::Schema schema;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json), schema);
    valijson::ValidationResults results;
    valijson::Validator validator;
    validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results);
    std::string text;
    for (const auto& error : results) {
        for (const std::string& part : error.context)
            text += part;
        text += ": " + error.description + "\n";
    }
    return text;
}

/// The fields of `value` that `schema` does not describe.
inline void undescribed(const nlohmann::json& root,
                        const nlohmann::json& schema,
                        const nlohmann::json& value,
                        const std::string& path,
                        std::string& found) {
    if (schema.contains("$ref")) {
        const std::string reference = schema["$ref"];
        return undescribed(
            root, root.at(nlohmann::json::json_pointer(reference.substr(1))), value, path, found);
    }
    if (value.is_array() && schema.contains("items")) {
        for (const nlohmann::json& item : value)
            undescribed(root, schema["items"], item, path + "[]", found);
    }
    if (!value.is_object() || !schema.contains("properties")) return;
    for (const auto& [key, inside] : value.items()) {
        const std::string here = path + "." + key;
        if (!schema["properties"].contains(key)) {
            found += here + "\n";
        } else {
            undescribed(root, schema["properties"][key], inside, here, found);
        }
    }
}

inline std::string undescribed(const nlohmann::json& schema, const nlohmann::json& value) {
    std::string found;
    undescribed(schema, schema, value, "", found);
    return found;
}

}  // namespace faultline
