// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/schema.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/scenario/document.hpp"
#include "harness/scenario/format.hpp"
#include "harness/scenario/parameter_values.hpp"

namespace faultline {
namespace {

using Json = nlohmann::ordered_json;

Json reference(std::string_view definition) {
    return Json{{"$ref", fmt::format("#/definitions/{}", definition)}};
}

/// `${param.x}` may stand wherever a value does.
Json or_parameter(Json schema) {
    return Json{{"anyOf", Json::array({std::move(schema), reference("parameter")})}};
}

Json text_like(std::string_view pattern) {
    return Json{{"type", "string"}, {"pattern", pattern}};
}

constexpr std::string_view name_pattern = "^[A-Za-z][A-Za-z0-9_-]{0,63}$";

Json shared_definitions() {
    return Json{
        {"parameter", text_like(R"(\$\{param\.[A-Za-z][A-Za-z0-9_-]*\})")},
        {"duration", or_parameter(text_like(R"(^[0-9]*\.?[0-9]*(ns|us|ms|s|min|h)$)"))},
        {"rate", or_parameter(text_like(R"(^[0-9]*\.?[0-9]*/(s|ms|min)$)"))},
        {"size", or_parameter(text_like(R"(^[0-9]*\.?[0-9]*(B|KB|MB|GB|KiB|MiB|GiB)$)"))},
        {"share",
         {{"anyOf",
           Json::array({Json{{"type", "number"}, {"minimum", 0}, {"maximum", 1}},
                        text_like(R"(^[0-9]*\.?[0-9]*%?$)"),
                        reference("parameter")})}}},
        {"selector",
         or_parameter(text_like(
             R"(^(\$[A-Za-z][A-Za-z0-9_-]*|[A-Za-z][A-Za-z0-9_-]*(\[[0-9]+\]|(@[A-Za-z][A-Za-z0-9_-]*)?(:any)?))$)"))},
        {"link_selector",
         or_parameter(text_like(
             R"(^(\$[A-Za-z][A-Za-z0-9_-]*|[^.]+<?->[^.]+(\.[A-Za-z][A-Za-z0-9_-]*)?)$)"))},
        {"name", or_parameter(text_like(name_pattern))},
        {"texts", {{"type", "array"}, {"items", {{"type", "string"}}}}},
        {"scalar", {{"type", Json::array({"string", "number", "boolean"})}}}};
}

Json ranged_number(const Parameter& row, const char* type) {
    Json schema{{"type", type}};
    // Integers stay integers, so that the file reads "maximum": 1000.
    const auto bound = [](double value) {
        return std::trunc(value) == value && std::fabs(value) < 9e15
                   ? Json(static_cast<std::int64_t>(value))
                   : Json(value);
    };
    if (std::isfinite(row.minimum)) schema["minimum"] = bound(row.minimum);
    if (std::isfinite(row.maximum)) schema["maximum"] = bound(row.maximum);
    return or_parameter(std::move(schema));
}

Json weights_schema(const Parameter& row) {
    const Json weight = or_parameter(Json{{"type", "number"}, {"minimum", 0}});
    Json schema{{"type", "object"}, {"minProperties", 1}};
    if (row.choices.empty()) {
        schema["additionalProperties"] = weight;
        return schema;
    }
    for (const std::string& choice : row.choices)
        schema["properties"][choice] = weight;
    schema["additionalProperties"] = false;
    return schema;
}

Json value_schema(const Parameter& row) {
    switch (row.type) {
        case ParameterType::boolean:
            return or_parameter(Json{{"type", "boolean"}});
        case ParameterType::integer:
            return ranged_number(row, "integer");
        case ParameterType::number:
            return ranged_number(row, "number");
        case ParameterType::share:
            return reference("share");
        case ParameterType::duration:
            return reference("duration");
        case ParameterType::rate:
            return reference("rate");
        case ParameterType::bytes:
            return reference("size");
        case ParameterType::text:
        case ParameterType::pattern:
            return Json{{"type", "string"}};
        case ParameterType::choice:
            return or_parameter(Json{{"enum", row.choices}});
        case ParameterType::signal: {
            Json names = Json::array();
            for (int number = 1; number <= 31; ++number) {
                if (const auto name = signal_name(number); !name.empty()) names.push_back(name);
            }
            return Json{{"anyOf",
                         Json::array({Json{{"enum", names}},
                                      Json{{"type", "integer"}, {"minimum", 1}, {"maximum", 64}},
                                      text_like("^SIG[A-Z0-9]+$"),
                                      reference("parameter")})}};
        }
        case ParameterType::selector:
            return reference("selector");
        case ParameterType::port:
        case ParameterType::target:
            return reference("name");
        case ParameterType::texts:
        case ParameterType::groups: {
            Json schema = reference("texts");
            if (!row.required) return schema;
            return Json{{"allOf", Json::array({schema, Json{{"minItems", 1}}})}};
        }
        case ParameterType::weights:
            return weights_schema(row);
        case ParameterType::fields:
            return Json{{"type", "object"}, {"additionalProperties", reference("scalar")}};
    }
    return Json::object();
}

class SchemaWriter {
  public:
    explicit SchemaWriter(const Catalog& catalog) : catalog_(catalog) {}

    std::string write() {
        Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                    {"title", "Faultline scenario"},
                    {"description",
                     "What is started, what is broken, what counts as detected and recovered."}};
        const Json root = section_schema(scenario_section());
        for (const auto& [key, value] : root.items())
            schema[key] = value;
        // What a file that extends another leaves out may come from there.
        schema["if"] = Json{{"required", Json::array({"extends"})}};
        schema["then"] = Json::object();
        schema["else"] = required_parts(scenario_section());
        schema["definitions"] = shared_definitions();
        for (const Section* section : all_sections()) {
            if (section != &scenario_section())
                schema["definitions"][section->name] = section_schema(*section);
        }
        schema["definitions"]["instance"] = instance_schema();
        for (const Section* section : all_sections())
            add_kind_definitions(*section, schema["definitions"]);
        return schema.dump(2) + "\n";
    }

  private:
    Json key_schema(const Key& key) {
        switch (key.form) {
            case KeyForm::value:
                return key.row.name == "id" ? reference("name") : value_schema(key.row);
            case KeyForm::kind:
                return Json{{"type", "string"}};  // the section lists the kinds
            case KeyForm::scalar:
                return key.row.name == "equals" ? reference("scalar") : Json{{"type", "string"}};
            case KeyForm::seed:
                return or_parameter(Json{{"type", "integer"}, {"minimum", 0}});
            case KeyForm::names:
                return array_of(reference("name"));
            case KeyForm::lines:
                return reference("texts");
            case KeyForm::section:
                return reference(key.section->name);
            case KeyForm::sections:
                return array_of(reference(key.section->name));
            case KeyForm::named_sections:
                return object_of(reference(key.section->name), 1);
            case KeyForm::roles:
                return object_of(object_of(reference(key.section->name)));
            case KeyForm::instances:
                return Json{{"type", "object"},
                            {"patternProperties", {{"^(0|[1-9][0-9]*)$", reference("instance")}}},
                            {"additionalProperties", false}};
            case KeyForm::environment:
                return object_of(
                    Json{{"type", Json::array({"string", "number", "boolean", "null"})}});
            case KeyForm::files:
                return object_of(
                    Json{{"anyOf", Json::array({Json{{"type", "string"}}, reference("texts")})}});
            case KeyForm::matrix: {
                Json values = array_of(reference("scalar"));
                values["minItems"] = 1;
                return object_of(Json{{"anyOf", Json::array({reference("scalar"), values})}});
            }
            case KeyForm::link_end:
                return reference("name");
            case KeyForm::victims:  // which of the two, the kind says
                return Json{{"type", "string"}};
            case KeyForm::extends: {
                const Json path{{"type", "string"}, {"minLength", 1}};
                Json paths = array_of(path);
                paths["minItems"] = 1;
                return Json{{"anyOf", Json::array({path, paths})}};
            }
        }
        return Json::object();
    }
    static Json array_of(Json items) {
        return Json{{"type", "array"}, {"items", std::move(items)}};
    }
    static Json object_of(Json value, int at_least = 0) {
        Json schema{{"type", "object"}, {"additionalProperties", std::move(value)}};
        if (at_least > 0) schema["minProperties"] = at_least;
        return schema;
    }

    /// The schema of a row with its help, range and default for the editor to show.
    static Json described(Json schema, const Parameter& row) {
        std::string text = row.help;
        if (const auto range = describe_range(row); !range.empty() && row.choices.empty())
            text += " (" + range + ")";
        // Beside "$ref" draft-07 ignores everything else, so it goes one level down.
        if (schema.contains("$ref")) schema = Json{{"allOf", Json::array({std::move(schema)})}};
        Json made{{"description", text}};
        if (!row.default_value.empty()) {
            // Numbers and truth values as such, all others as texts.
            const ParsedText parsed = parse_document(row.default_value, 0);
            const bool bare = parsed.complete && row.type != ParameterType::text;
            made["default"] = bare ? Json::parse(row.default_value) : Json(row.default_value);
        }
        for (const auto& [key, value] : schema.items())
            made[key] = value;
        return made;
    }

    Json common_properties(const Section& section) {
        Json properties = Json::object();
        for (const Key& key : section.keys)
            properties[key.row.name] = described(key_schema(key), key.row);
        return properties;
    }

    Json section_schema(const Section& section) {
        Json schema{{"description", section.about}, {"type", "object"}};
        schema["properties"] = common_properties(section);
        const Key* kind_key = section.kind_key();
        if (kind_key == nullptr) {
            schema["additionalProperties"] = false;
            return schema;
        }
        Json names = Json::array();
        Json rules = Json::array();
        for (const Kind& kind : kinds_of(catalog_, section.kinds)) {
            names.push_back(kind.name);
            const Json is_this{{"properties", {{kind_key->row.name, {{"const", kind.name}}}}},
                               {"required", Json::array({kind_key->row.name})}};
            rules.push_back(
                Json{{"if", is_this}, {"then", reference(section.name + ":" + kind.name)}});
        }
        schema["properties"][kind_key->row.name]["enum"] = names;
        // Without a kind only the fixed keys are known; in a file that extends another it may be
        // there.
        if (section.kinds == SectionKinds::probes && &section == &signal_section()) {
            rules.push_back(
                Json{{"if", {{"not", {{"required", Json::array({kind_key->row.name})}}}}},
                     {"then", reference(section.name + ":none")}});
        }
        if (!rules.empty()) schema["allOf"] = rules;
        return schema;
    }

    /// "load:redis": the section's own keys and those of the kind, and nothing else.
    void add_kind_definitions(const Section& section, Json& definitions) {
        if (section.kind_key() == nullptr) return;
        const auto own = [&](const ParameterTable& table, const std::string& about, bool on_links) {
            Json schema{{"description", about}, {"type", "object"}};
            Json properties = Json::object();
            // The fixed keys are described by the section; here they only have to be allowed.
            for (const Key& key : section.keys) {
                properties[key.row.name] = key.form == KeyForm::victims
                                               ? reference(on_links ? "link_selector" : "selector")
                                               : Json(true);
            }
            for (const Parameter& row : table)
                properties[row.name] = described(value_schema(row), row);
            schema["properties"] = properties;
            schema["additionalProperties"] = false;
            return schema;
        };
        for (const Kind& kind : kinds_of(catalog_, section.kinds)) {
            definitions[section.name + ":" + kind.name] =
                own(kind.parameters, kind.about, kind.on_links);
        }
        if (&section == &signal_section())
            definitions[section.name + ":none"] = own({}, section.about, false);
    }

    Json instance_schema() {
        Json properties = Json::object();
        for (const std::string& name : instance_keys()) {
            const Key& key = *target_section().find(name);
            properties[name] = described(key_schema(key), key.row);
        }
        return Json{{"description", "What one instance has different."},
                    {"type", "object"},
                    {"properties", properties},
                    {"additionalProperties", false}};
    }

    /// What must be there in a file that extends nothing, section by section.
    Json required_parts(const Section& section) {
        Json names = Json::array();
        Json properties = Json::object();
        for (const Key& key : section.keys) {
            if (key.row.required) names.push_back(key.row.name);
            if (key.section == nullptr) continue;
            Json inner = required_parts(*key.section);
            if (inner.empty()) continue;
            if (key.form == KeyForm::sections) inner = Json{{"items", inner}};
            if (key.form == KeyForm::named_sections) inner = Json{{"additionalProperties", inner}};
            if (key.form == KeyForm::roles) {
                inner = Json{{"additionalProperties", Json{{"additionalProperties", inner}}}};
            }
            properties[key.row.name] = inner;
        }
        Json made = Json::object();
        if (!names.empty()) made["required"] = names;
        if (!properties.empty()) made["properties"] = properties;
        Json rules = Json::array();
        if (section.kind_key() != nullptr) {
            for (const Kind& kind : kinds_of(catalog_, section.kinds)) {
                Json own = Json::array();
                for (const Parameter& row : kind.parameters) {
                    if (row.required) own.push_back(row.name);
                }
                if (own.empty()) continue;
                const std::string& key = section.kind_key()->row.name;
                rules.push_back(Json{{"if",
                                      {{"properties", {{key, {{"const", kind.name}}}}},
                                       {"required", Json::array({key})}}},
                                     {"then", {{"required", own}}}});
            }
        }
        if (&section == &fault_section()) rules.push_back(exactly_one({"at", "after"}));
        if (&section == &signal_section())
            rules.push_back(exactly_one({"log", "event", "probe", "exit"}));
        if (!rules.empty()) made["allOf"] = rules;
        return made;
    }
    static Json exactly_one(const std::vector<std::string>& keys) {
        Json choices = Json::array();
        for (const std::string& key : keys)
            choices.push_back(Json{{"required", Json::array({key})}});
        return Json{{"oneOf", choices}};
    }

    const Catalog& catalog_;
};

}  // namespace

std::string scenario_schema(const Catalog& catalog) {
    return SchemaWriter(catalog).write();
}

}  // namespace faultline
