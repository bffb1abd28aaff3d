// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/matrix.hpp"

#include <fmt/format.h>

#include "harness/scenario/merge.hpp"
#include "harness/scenario/names.hpp"

namespace faultline {
namespace {

struct Axis {
    std::string name;
    Place key_place;
    std::vector<Node> values;
};

bool is_scalar(const Node& node) {
    return node.array() == nullptr && node.object() == nullptr && !node.is_null();
}

std::string text_of(const Node& scalar) {
    if (const std::string* text = scalar.text()) return *text;
    std::string written = write_document(scalar);
    written.pop_back();  // the newline
    return written;
}

/// A `--set` value is JSON if it parses, else a text: `--set rate=5`, `--set rate=5/s`.
Node set_value(const std::string& name, const std::string& value, Mistakes& mistakes) {
    const std::uint32_t source = mistakes.add_source(
        {.name = fmt::format("--set {}={}", name, value),
         .text = value,
         .has_lines = false,
         .pointer_prefix = name.starts_with('/') ? name : "/parameters/" + name});
    ParsedText parsed = parse_document(value, source);
    if (!parsed.complete || !parsed.mistakes.empty()) {
        parsed.root = Node{value, Place{source, 0}};
    }
    mistakes.set_root(source, parsed.root);
    return std::move(parsed.root);
}

/// Errors: no text, number, true or false; a text that refers to other parameters.
Result<> check_value(const Node& value) {
    if (!is_scalar(value)) {
        return fail("expected a text, a number, true or false, found " + describe(value),
                    ErrorCode::invalid);
    }
    if (value.text() == nullptr || value.text()->find("${param.") == std::string::npos) return {};
    return fail("a parameter's value cannot refer to parameters", ErrorCode::invalid);
}

std::vector<Axis> read_axes(const Node& document, Mistakes& mistakes) {
    std::vector<Axis> axes;
    const Node* parameters = document.find("parameters");
    if (parameters == nullptr) return axes;
    if (parameters->object() == nullptr) {
        mistakes.add(parameters->place,
                     "expected an object of parameter names and their values, found " +
                         describe(*parameters));
        return axes;
    }
    for (const auto& [key, key_place, value] : *parameters->object()) {
        if (const auto form = check_name(key, "parameter"); !form) {
            mistakes.add(key_place, form.error().message);
        }
        Axis axis{key, key_place, {}};
        if (const Node::Array* items = value.array()) {
            axis.values = *items;
            if (items->empty()) mistakes.add(value.place, "a parameter needs at least one value");
        } else {
            axis.values = {value};
        }
        std::erase_if(axis.values, [&](const Node& item) {
            const auto good = check_value(item);
            if (!good) mistakes.add(item.place, good.error().message);
            return !good;
        });
        axes.push_back(std::move(axis));
    }
    return axes;
}

std::vector<std::string> names_of(const std::vector<Axis>& axes) {
    std::vector<std::string> names;
    for (const Axis& axis : axes)
        names.push_back(axis.name);
    return names;
}

void set_parameter(std::vector<Axis>& axes,
                   const std::string& name,
                   Node value,
                   Mistakes& mistakes) {
    for (Axis& axis : axes) {
        if (axis.name != name) continue;
        if (const auto good = check_value(value); !good) {
            mistakes.add(value.place, good.error().message);
            return;
        }
        axis.values = {std::move(value)};
        return;
    }
    const auto names = names_of(axes);
    mistakes.add(
        value.place,
        fmt::format("unknown parameter \"{}\"{}; a name that starts with '/' is a JSON pointer",
                    name,
                    suggest(name, names)));
}

/// Replaces `${param.x}` in every text of a document by this case's values.
class Substitution {
  public:
    Substitution(const std::vector<Axis>& axes, Mistakes& mistakes) : mistakes_(mistakes) {
        names_ = names_of(axes);
        for (const Axis& axis : axes)
            values_.emplace(axis.name, nullptr);
    }
    void choose(const std::string& name, const Node& value) { values_[name] = &value; }

    void apply(Node& node) {
        if (node.text() != nullptr) {
            apply_to_text(node);
        } else if (Node::Array* items = node.array()) {
            for (Node& item : *items)
                apply(item);
        } else if (Node::Object* members = node.object()) {
            for (Node::Member& member : *members)
                apply(member.value);
        }
    }

  private:
    static constexpr std::string_view opening = "${param.";
    static constexpr std::size_t text_bytes_max = 1 << 20;

    void apply_to_text(Node& node) {
        const std::string text = *node.text();
        std::string filled;
        std::size_t at = 0;
        while (at < text.size()) {
            if (text.compare(at, 3, "$${") == 0) {  // stands for a literal "${"
                filled += "$${";
                at += 3;
                continue;
            }
            if (text.compare(at, opening.size(), opening) != 0) {
                filled += text[at++];
                continue;
            }
            const std::size_t end = text.find('}', at);
            if (end == std::string::npos) {  // unclosed: decoding says so
                filled += text.substr(at);
                break;
            }
            const std::string name = text.substr(at + opening.size(), end - at - opening.size());
            const Node* value = value_of(name, node.place);
            if (value != nullptr && at == 0 && end + 1 == text.size()) {
                node.value = value->value;  // the whole text: numbers stay numbers
                return;
            }
            filled += value != nullptr ? text_of(*value) : text.substr(at, end + 1 - at);
            at = end + 1;
        }
        if (filled.size() > text_bytes_max && filled.size() > text.size()) {
            mistakes_.add(node.place, "the text grows beyond 1 MiB with its parameters filled in");
            return;
        }
        node.value = std::move(filled);
    }

    const Node* value_of(const std::string& name, Place place) {
        const auto found = values_.find(name);
        if (found != values_.end()) return found->second;
        mistakes_.add_last(
            place,
            fmt::format("unknown parameter in \"${{param.{}}}\"{}", name, suggest(name, names_)));
        return nullptr;
    }

    Mistakes& mistakes_;
    std::vector<std::string> names_;
    std::map<std::string, const Node*> values_;  // null: it has none, which was reported
};

std::size_t node_count(const Node& node) {
    std::size_t count = 1;
    if (const Node::Array* items = node.array()) {
        for (const Node& item : *items)
            count += node_count(item);
    } else if (const Node::Object* members = node.object()) {
        for (const Node::Member& member : *members)
            count += node_count(member.value);
    }
    return count;
}

std::size_t case_count(const std::vector<Axis>& axes, const Node& document, Mistakes& mistakes) {
    std::size_t count = 1;
    for (const Axis& axis : axes) {
        count *= std::max<std::size_t>(axis.values.size(), 1);
        if (count > matrix_cases_max) {
            mistakes.add(
                document.find("parameters")->place,
                fmt::format("the parameters span more than {} cases; split the file or use "
                            "--set to fix some",
                            matrix_cases_max));
            return 1;
        }
    }
    if (count > 1 && count * node_count(document) > matrix_nodes_max) {
        mistakes.add(
            document.find("parameters")->place,
            fmt::format("the parameters span {} cases of a large scenario; split the file or use "
                        "--set to fix some",
                        count));
        return 1;
    }
    return count;
}

}  // namespace

std::vector<MatrixCase> span_matrix(Node document,
                                    const std::map<std::string, std::string>& set,
                                    Mistakes& mistakes) {
    for (const auto& [name, value] : set) {
        if (!name.starts_with('/')) continue;
        Node node = set_value(name, value, mistakes);
        const Place place = node.place;
        if (const auto done = set_at_pointer(document, name, std::move(node)); !done) {
            mistakes.add(place, done.error().message);
        }
    }
    std::vector<Axis> axes = read_axes(document, mistakes);
    for (const auto& [name, value] : set) {
        if (!name.starts_with('/'))
            set_parameter(axes, name, set_value(name, value, mistakes), mistakes);
    }

    std::vector<MatrixCase> cases(case_count(axes, document, mistakes));
    for (std::size_t number = 0; number < cases.size(); ++number) {
        MatrixCase& made = cases[number];
        made.document = document;
        Substitution substitution(axes, mistakes);
        Node::Object chosen;
        std::size_t rest = number;
        for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
            if (axis->values.empty()) continue;
            const Node& value = axis->values[rest % axis->values.size()];
            rest /= axis->values.size();
            substitution.choose(axis->name, value);
            made.parameters[axis->name] = text_of(value);
            chosen.insert(chosen.begin(), {axis->name, axis->key_place, value});
        }
        Node* parameters = made.document.find("parameters");
        const bool has_parameters = parameters != nullptr && parameters->object() != nullptr;
        if (has_parameters)
            parameters->value = Node::Object();  // their values are not templates of themselves
        substitution.apply(made.document);
        if (has_parameters) made.document.find("parameters")->value = std::move(chosen);
    }
    return cases;
}

}  // namespace faultline
