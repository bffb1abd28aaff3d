// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/mistakes.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace faultline {
namespace {

/// The first child that stands behind `offset`; the one before it holds the offset.
template <class Children, class OffsetOf>
auto child_at(const Children& children, std::uint32_t offset, const OffsetOf& offset_of) {
    return std::upper_bound(
        children.begin(), children.end(), offset, [&](std::uint32_t wanted, const auto& child) {
            return wanted < offset_of(child);
        });
}

std::string pointer_at(const Node& root, std::uint32_t offset) {
    std::string pointer;
    const Node* node = &root;
    while (node->place.offset != offset) {
        if (const Node::Object* members = node->object()) {
            const auto next = child_at(
                *members, offset, [](const auto& member) { return member.key_place.offset; });
            if (next == members->begin()) break;
            const Node::Member& member = *std::prev(next);
            pointer += "/" + escape_pointer(member.key);
            if (member.key_place.offset == offset) break;
            node = &member.value;
        } else if (const Node::Array* items = node->array()) {
            const auto next =
                child_at(*items, offset, [](const Node& item) { return item.place.offset; });
            if (next == items->begin()) break;
            pointer += fmt::format("/{}", next - items->begin() - 1);
            node = &*std::prev(next);
        } else {
            break;
        }
    }
    return pointer;
}

void locate(Diagnostic& diagnostic, const Source& source, std::size_t offset) {
    diagnostic.file = source.name;
    if (!source.has_lines) return;
    const std::string_view before = std::string_view(source.text).substr(0, offset);
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    std::string_view in_line = before.substr(line_start);
    if (line_start == 0 && in_line.starts_with("\xEF\xBB\xBF")) in_line.remove_prefix(3);
    diagnostic.line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    diagnostic.column =
        1 + static_cast<std::size_t>(std::count_if(in_line.begin(), in_line.end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        }));
}

}  // namespace

std::uint32_t Mistakes::add_source(Source source) {
    sources_.push_back(std::move(source));
    return static_cast<std::uint32_t>(sources_.size() - 1);
}

void Mistakes::add(Place place, std::string message) {
    if (closed_.contains(place) || !known_.emplace(place, message).second) return;
    found_.push_back({place, Diagnostic{.message = std::move(message)}});
}

void Mistakes::add_last(Place place, std::string message) {
    add(place, std::move(message));
    closed_.insert(place);
}

void Mistakes::add_syntax(std::uint32_t source, const SyntaxMistake& mistake) {
    Diagnostic diagnostic{.pointer = mistake.pointer, .message = mistake.message};
    locate(diagnostic, sources_[source], mistake.offset);
    found_.push_back(
        {Place{source, static_cast<std::uint32_t>(mistake.offset)}, std::move(diagnostic)});
}

void Mistakes::add_whole(std::uint32_t source, std::string message) {
    found_.push_back({Place{source, 0},
                      Diagnostic{.file = sources_[source].name, .message = std::move(message)}});
}

Diagnostics Mistakes::diagnostics() const {
    auto sorted = found_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        return a.first < b.first;
    });
    Diagnostics all;
    for (auto& [place, diagnostic] : sorted) {
        if (all.size() == mistakes_max) {
            all.push_back(Diagnostic{
                .file = sources_[place.source].name,
                .message = fmt::format("and {} more mistakes", sorted.size() - mistakes_max)});
            break;
        }
        if (diagnostic.file.empty()) {
            const Source& source = sources_[place.source];
            locate(diagnostic, source, place.offset);
            diagnostic.pointer = source.pointer_prefix + pointer_at(source.root, place.offset);
        }
        all.push_back(std::move(diagnostic));
    }
    return all;
}

std::string format_diagnostic(const Diagnostic& diagnostic) {
    std::string text = diagnostic.file;
    if (diagnostic.line > 0) text += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
    if (!text.empty()) text += ": ";
    if (!diagnostic.pointer.empty()) text += diagnostic.pointer + ": ";
    return text + diagnostic.message;
}

}  // namespace faultline
