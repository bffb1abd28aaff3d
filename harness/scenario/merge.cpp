// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/merge.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

namespace faultline {
namespace {

Node merge_objects(Node base, const Node& patch) {
    Node::Object& members = *base.object();
    std::unordered_map<std::string, std::size_t> index;
    for (std::size_t i = 0; i < members.size(); ++i)
        index.emplace(members[i].key, i);
    std::unordered_set<std::string> removed;
    for (const Node::Member& change : *patch.object()) {
        const auto found = index.find(change.key);
        if (change.value.is_null()) {
            removed.insert(change.key);
        } else if (found != index.end()) {
            Node::Member& member = members[found->second];
            member.value = merge_patch(std::move(member.value), change.value);
            member.key_place = change.key_place;
        } else {
            // Onto nothing, so that nulls inside the new part are dropped as well.
            members.push_back({change.key, change.key_place, merge_patch(Node{}, change.value)});
        }
    }
    std::erase_if(members, [&](const auto& member) { return removed.contains(member.key); });
    base.place = patch.place;
    return base;
}

Result<std::vector<std::string>> pointer_parts(std::string_view pointer) {
    std::vector<std::string> parts;
    if (!pointer.empty() && pointer.front() != '/') {
        return fail(fmt::format("\"{}\" is not a JSON pointer; it starts with '/'", pointer),
                    ErrorCode::invalid);
    }
    for (const char c : pointer) {
        if (c == '/') {
            parts.emplace_back();
        } else if (parts.back().ends_with('~') && (c == '0' || c == '1')) {
            parts.back().back() =
                c == '0' ? '\x01' : '/';  // a finished "~0" must not meet the next digit
        } else {
            parts.back() += c;
        }
    }
    for (std::string& part : parts)
        std::replace(part.begin(), part.end(), '\x01', '~');
    return parts;
}

/// The element an array index means. Errors: how many there are.
Result<Node*> element(Node::Array& items, const std::string& part) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
    if (error != std::errc() || end != part.data() + part.size() || index >= items.size()) {
        return fail(fmt::format("there is no element {} in an array of {}", part, items.size()),
                    ErrorCode::not_found);
    }
    return &items[index];
}

}  // namespace

Node merge_patch(Node base, const Node& patch) {
    if (patch.object() == nullptr) return patch;
    if (base.object() == nullptr) base = Node{Node::Object(), patch.place};
    return merge_objects(std::move(base), patch);
}

Result<> set_at_pointer(Node& root, std::string_view pointer, Node value) {
    FL_TRY(const auto parts, pointer_parts(pointer));
    if (parts.size() >= document_depth_max) {
        return fail(fmt::format("\"{}\" is deeper than {} levels", pointer, document_depth_max),
                    ErrorCode::invalid);
    }
    Node* node = &root;
    for (const std::string& part : parts) {
        if (Node::Array* items = node->array()) {
            FL_TRY(node, element(*items, part));
        } else if (Node::Object* members = node->object()) {
            Node* next = node->find(part);
            if (next == nullptr) {
                members->push_back({part, value.place, Node{Node::Object(), value.place}});
                next = &members->back().value;
            }
            node = next;
        } else {
            return fail(fmt::format("nothing is named \"{}\" inside {}", part, describe(*node)),
                        ErrorCode::not_found);
        }
    }
    *node = std::move(value);
    return {};
}

}  // namespace faultline
