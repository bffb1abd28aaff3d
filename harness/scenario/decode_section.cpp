// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "harness/scenario/decode.hpp"

namespace faultline {
namespace {

const Parameter* find_row(const ParameterTable& table, std::string_view name) {
    const auto found = std::find_if(
        table.begin(), table.end(), [&](const Parameter& row) { return row.name == name; });
    return found == table.end() ? nullptr : &*found;
}

class SectionDecoder {
  public:
    SectionDecoder(const Section& section,
                   const Node& node,
                   const DecodeContext& context,
                   Scope scope)
        : section_(section), context_(context), values_(context.values(scope)) {
        decoded_.node = &node;
    }

    DecodedSection decode() {
        const Node& node = *decoded_.node;
        if (node.object() == nullptr) {
            context_.mistakes.add(
                node.place,
                fmt::format("expected an object ({}), found {}", section_.name, describe(node)));
        } else {
            find_kind_of(node);
            for (const Node::Member& member : *node.object())
                decode_member(member);
            report_missing(node);
        }
        fill_defaults();
        return std::move(decoded_);
    }

  private:
    void find_kind_of(const Node& node) {
        const Key* key = section_.kind_key();
        const Node* name = key == nullptr ? nullptr : node.find(key->row.name);
        if (name == nullptr) return;
        kind_named_ = true;
        if (name->text() == nullptr) {
            context_.mistakes.add(
                name->place,
                fmt::format("expected the name of a {}, found {}", key->row.name, describe(*name)));
            return;
        }
        const auto& kinds = kinds_of(context_.catalog, section_.kinds);
        decoded_.kind = find_kind(kinds, *name->text());
        if (decoded_.kind != nullptr) return;
        context_.mistakes.add(name->place,
                              fmt::format("unknown {} \"{}\"{}",
                                          key->row.name,
                                          name->text()->substr(0, 60),
                                          suggest(*name->text(), names_of(kinds))));
    }

    void decode_member(const Node::Member& member) {
        if (const Key* key = section_.find(member.key)) {
            if (key->form == KeyForm::value) {
                decode_into(decoded_.values, key->row, member.value);
            } else {
                decoded_.parts.emplace(member.key, &member.value);
            }
        } else if (const Parameter* row = own_row(member.key)) {
            decode_into(decoded_.own, *row, member.value);
        } else if (decoded_.kind != nullptr ||
                   !kind_named_) {  // else it may belong to what was meant
            report_unknown(member);
        }
    }

    void decode_into(Parameters& into, const Parameter& row, const Node& node) {
        if (auto value = decode_value(row, node, values_)) into.set(row.name, std::move(*value));
    }

    [[nodiscard]] const Parameter* own_row(std::string_view name) const {
        return decoded_.kind == nullptr ? nullptr : find_row(decoded_.kind->parameters, name);
    }

    void report_unknown(const Node::Member& member) {
        std::string message = fmt::format("unknown key \"{}\"", member.key.substr(0, 60));
        if (!context_.mistakes.crowded()) message += suggest(member.key, known_keys());
        context_.mistakes.add(member.key_place, std::move(message));
    }
    [[nodiscard]] std::vector<std::string> known_keys() const {
        std::vector<std::string> known = section_.key_names();
        if (decoded_.kind != nullptr) {
            for (const Parameter& row : decoded_.kind->parameters)
                known.push_back(row.name);
        }
        return known;
    }

    void report_missing(const Node& node) {
        for (const Key& key : section_.keys)
            report_missing(node, key.row);
        if (decoded_.kind == nullptr) return;
        for (const Parameter& row : decoded_.kind->parameters)
            report_missing(node, row);
    }
    void report_missing(const Node& node, const Parameter& row) {
        if (!row.required || node.find(row.name) != nullptr) return;
        context_.mistakes.add(node.place, fmt::format("\"{}\" is missing: {}", row.name, row.help));
    }

    void fill_defaults() {
        for (const Key& key : section_.keys) {
            if (key.form == KeyForm::value) fill_default(decoded_.values, key.row);
        }
        if (decoded_.kind == nullptr) return;
        for (const Parameter& row : decoded_.kind->parameters)
            fill_default(decoded_.own, row);
    }
    static void fill_default(Parameters& into, const Parameter& row) {
        if (into.has(row.name)) return;
        if (auto value = default_of(row)) into.set(row.name, std::move(*value));
    }

    const Section& section_;
    const DecodeContext& context_;
    ValueContext values_;
    DecodedSection decoded_;
    bool kind_named_ = false;
};

}  // namespace

const Node* DecodedSection::part(std::string_view key) const {
    const auto found = parts.find(key);
    return found == parts.end() ? nullptr : found->second;
}

DecodedSection decode_section(const Section& section,
                              const Node& node,
                              const DecodeContext& context,
                              Scope scope) {
    return SectionDecoder(section, node, context, scope).decode();
}

DecodedSection decode_section_or_defaults(const Section& section,
                                          const Node* node,
                                          const DecodeContext& context,
                                          Scope scope) {
    static const Node nothing{Node::Object()};
    return decode_section(section, node == nullptr ? nothing : *node, context, scope);
}

Scope scope_by(const Node& node, std::string_view key, const Names& names) {
    const Node* selector = node.find(key);
    if (selector == nullptr) return {};
    if (selector->text() == nullptr) return Scope{.unsure = true};
    const auto parsed = parse_selector(*selector->text());
    return parsed ? scope_of(*parsed, names) : Scope{.unsure = true};
}

std::vector<PlacedText> decode_lines(const Node* node, const DecodeContext& context) {
    std::vector<PlacedText> lines;
    if (node == nullptr) return lines;
    if (node->array() == nullptr) {
        context.mistakes.add(node->place, "expected an array of texts, found " + describe(*node));
        return lines;
    }
    for (const Node& item : *node->array()) {
        if (item.text() != nullptr) {
            lines.push_back({*item.text(), &item});
        } else {
            context.mistakes.add(item.place, "expected a text, found " + describe(item));
        }
    }
    return lines;
}

ProbeSpec probe_of(const DecodedSection& section, const DecodeContext& context, Scope scope) {
    ProbeSpec probe;
    if (section.kind != nullptr) probe.kind = section.kind->name;
    probe.port = section.values.find<std::string>("port").value_or("");
    probe.period = section.values.get<Duration>("period");
    probe.timeout = section.values.get<Duration>("timeout");
    if (const Node* equals = section.part("equals")) {
        probe.equals = decode_scalar(*equals, context.values(scope));
    }
    probe.parameters = section.own;
    return probe;
}

}  // namespace faultline
