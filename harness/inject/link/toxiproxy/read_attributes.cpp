// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/read_attributes.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "harness/scenario/parameter_values.hpp"

namespace faultline::link {
namespace {

/// Whole numbers are shown as such, however they were written: clients read integers.
Node shown(const Parameter& parameter, const Node& written) {
    const auto* broken = std::get_if<double>(&written.value);
    if (parameter.type == ParameterType::integer && broken != nullptr)
        return Node{static_cast<std::int64_t>(*broken)};
    return Node{written.value};
}

Node shown_default(const Parameter& parameter, const ParameterValue& value) {
    if (std::holds_alternative<std::string>(value)) return Node{parameter.default_value};
    ParsedText parsed = parse_document(parameter.default_value, 0);
    return parsed.complete ? std::move(parsed.root) : Node{parameter.default_value};
}

class AttributeReader {
  public:
    AttributeReader(const ToxicType& type, const Node& node, Findings& findings)
        : type_(type), node_(node), findings_(findings), members_(node, table(), findings) {}

    std::optional<Attributes> read() {
        bool good = true;
        for (const Parameter& parameter : type_.attributes) {
            const Node* written = members_.find(parameter.name);
            good &= written == nullptr ? fill_in(parameter) : decode(parameter, *written);
        }
        if (!good) return std::nullopt;
        return std::move(attributes_);
    }

  private:
    [[nodiscard]] Members::Table table() const {
        return {.what = "the attributes of " + type_.name,
                .names = attribute_names(type_),
                .misplaced = [](const std::string& key) {
                    const auto& keys = toxic_keys();
                    const bool of_toxic = std::find(keys.begin(), keys.end(), key) != keys.end();
                    return std::string(of_toxic ? "it belongs beside \"attributes\"" : "");
                }};
    }

    bool decode(const Parameter& parameter, const Node& written) {
        auto value =
            decode_value(parameter, written, ValueContext{.mistakes = findings_.mistakes()});
        if (!value) return false;
        attributes_.shown.push_back({parameter.name, {}, shown(parameter, written)});
        attributes_.values.set(parameter.name, std::move(*value));
        return true;
    }

    bool fill_in(const Parameter& parameter) {
        if (parameter.required) {
            const std::string range = describe_range(parameter);
            findings_.add(node_.place,
                          fmt::format("\"{}\" is missing from the attributes of {}: {}{}",
                                      parameter.name,
                                      type_.name,
                                      parameter.help,
                                      range.empty() ? "" : ", " + range));
            return false;
        }
        auto value = default_of(parameter);
        if (!value) return true;  // may be absent
        attributes_.shown.push_back({parameter.name, {}, shown_default(parameter, *value)});
        attributes_.values.set(parameter.name, std::move(*value));
        return true;
    }

    const ToxicType& type_;
    const Node& node_;
    Findings& findings_;
    Members members_;
    Attributes attributes_{};
};

}  // namespace

std::optional<Attributes> read_attributes(const ToxicType& type,
                                          const Node& node,
                                          Findings& findings) {
    return AttributeReader(type, node, findings).read();
}

std::vector<std::string> attribute_names(const ToxicType& type) {
    std::vector<std::string> names;
    for (const Parameter& parameter : type.attributes)
        names.push_back(parameter.name);
    return names;
}

const std::vector<std::string>& toxic_keys() {
    static const std::vector<std::string> keys{"name", "type", "stream", "toxicity", "attributes"};
    return keys;
}

}  // namespace faultline::link
