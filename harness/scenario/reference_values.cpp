// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "harness/scenario/parameter_values.hpp"

namespace faultline {
namespace {

bool is_number(const Node& node) {
    return std::holds_alternative<std::int64_t>(node.value) ||
           std::holds_alternative<std::uint64_t>(node.value) ||
           std::holds_alternative<double>(node.value);
}

/// The text at `node`. Errors: it is none, said with an example of what is expected.
const std::string* text_at(const Node& node,
                           std::string_view expected,
                           const ValueContext& context) {
    if (node.text() == nullptr) {
        context.mistakes.add(node.place,
                             fmt::format("expected {}, found {}", expected, describe(node)));
    }
    return node.text();
}

bool is_known_in_time(const Selector& selector, const Node& node, const ValueContext& context) {
    if (!selector.remembered || context.scope.victims_known) return true;
    context.mistakes.add(
        node.place,
        fmt::format("\"{}\" is known only once it was injected; name a target here",
                    selector.text));
    return false;
}

}  // namespace

std::optional<std::string> decode_text(const Node& node, const ValueContext& context) {
    const std::string* text = text_at(node, "a text", context);
    if (text == nullptr || context.names == nullptr)
        return text ? std::optional(*text) : std::nullopt;
    if (const auto good = check_templates(*text, *context.names, context.scope); !good) {
        context.mistakes.add(node.place, good.error().message);
        return std::nullopt;
    }
    return *text;
}

std::optional<std::string> decode_scalar(const Node& node, const ValueContext& context) {
    if (const bool* value = std::get_if<bool>(&node.value)) return *value ? "true" : "false";
    if (is_number(node)) {
        std::string written = write_document(node);
        written.pop_back();  // the newline
        return written;
    }
    return decode_text(node, context);
}

std::optional<Selector> decode_selector(const Node& node, const ValueContext& context) {
    const std::string* text = text_at(node, "a selector such as \"kv@primary\"", context);
    if (text == nullptr) return std::nullopt;
    auto selector = parse_selector(*text);
    if (!selector) {
        context.mistakes.add(node.place, selector.error().message);
        return std::nullopt;
    }
    if (!is_known_in_time(*selector, node, context)) return std::nullopt;
    if (context.names != nullptr) {
        if (const auto known = check_selector(*selector, *context.names); !known) {
            context.mistakes.add(node.place, known.error().message);
            return std::nullopt;
        }
    }
    return std::move(*selector);
}

std::optional<LinkSelector> decode_link_selector(const Node& node, const ValueContext& context) {
    const std::string* text =
        text_at(node, "a link selector such as \"kv@primary->kv.peer\"", context);
    if (text == nullptr) return std::nullopt;
    auto selector = parse_link_selector(*text);
    if (!selector) {
        context.mistakes.add(node.place, selector.error().message);
        return std::nullopt;
    }
    if (context.names != nullptr) {
        if (const auto known = check_link_selector(*selector, *context.names); !known) {
            context.mistakes.add(node.place, known.error().message);
            return std::nullopt;
        }
    }
    return std::move(*selector);
}

std::optional<std::string> decode_group(const Node& node, const ValueContext& context) {
    const std::string* text = text_at(node, "selectors such as \"kv[0], kv[1]\"", context);
    if (text == nullptr) return std::nullopt;
    const auto members = parse_group(*text);
    if (!members) {
        context.mistakes.add(node.place, members.error().message);
        return std::nullopt;
    }
    for (const Selector& member : *members) {
        if (!is_known_in_time(member, node, context)) return std::nullopt;
    }
    if (context.names != nullptr) {
        if (const auto known = check_group(*members, *context.names); !known) {
            context.mistakes.add(node.place, known.error().message);
            return std::nullopt;
        }
    }
    return *text;
}

}  // namespace faultline
