// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/findings.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/scenario/names.hpp"

namespace faultline::link {
namespace {

constexpr std::uint32_t the_source = 0;
constexpr std::size_t told_max = 3;    // mistakes in one reply
constexpr std::size_t key_shown = 60;  // bytes of a wrong key in a message

bool same_letters(std::string_view one, std::string_view other) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::equal(one.begin(), one.end(), other.begin(), other.end(), [&](char a, char b) {
        return lower(a) == lower(b);
    });
}

}  // namespace

std::optional<std::string> match_name(std::string_view key, const std::vector<std::string>& names) {
    if (std::find(names.begin(), names.end(), key) != names.end()) return std::string(key);
    const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
        return same_letters(name, key);
    });
    if (found == names.end()) return std::nullopt;
    return *found;
}

// ---- what is wrong

Findings::Findings(std::string name, std::string_view text) : text_(text) {
    mistakes_.add_source({.name = std::move(name), .text = text_});
}

Node Findings::parse() {
    ParsedText parsed = parse_document(text_, the_source);
    for (const SyntaxMistake& mistake : parsed.mistakes)
        mistakes_.add_syntax(the_source, mistake);
    if (!parsed.complete || !parsed.mistakes.empty()) return Node{};
    mistakes_.set_root(the_source, parsed.root);
    return std::move(parsed.root);
}

void Findings::add(Place place, std::string message) {
    mistakes_.add(place, std::move(message));
}

void Findings::add_known(Place place, std::string message, std::string hint) {
    mistakes_.add(place, hint.empty() ? message : message + ": " + hint);
    known_.push_back(ApiError{400, std::move(message), std::move(hint)});
}

ApiError Findings::api_error() const {
    const Diagnostics all = mistakes_.diagnostics();
    FL_CHECK(!all.empty());
    if (all.size() == known_.size()) return known_.front();
    std::string text = "bad request body";
    for (std::size_t i = 0; i < std::min(all.size(), told_max); ++i) {
        const Diagnostic& one = all[i];
        text += i == 0 ? ": " : "; ";
        if (one.line > 0) text += fmt::format("{}:{}: ", one.line, one.column);
        if (!one.pointer.empty()) text += one.pointer + ": ";
        text += one.message;
    }
    if (all.size() > told_max) text += fmt::format("; and {} more", all.size() - told_max);
    return ApiError{400, std::move(text)};
}

// ---- members

Members::Members(const Node& node, const Table& table, Findings& findings) : findings_(findings) {
    if (node.object() == nullptr) {
        findings.add(node.place,
                     fmt::format("expected an object ({}), found {}", table.what, describe(node)));
        return;
    }
    for (const Node::Member& member : *node.object())
        add(member, table);
}

void Members::add(const Node::Member& member, const Table& table) {
    const auto name = match_name(member.key, table.names);
    const std::string shown = member.key.substr(0, key_shown);
    if (!name) {
        const std::string place = table.misplaced ? table.misplaced(member.key) : std::string();
        findings_.add(member.key_place,
                      place.empty() ? fmt::format("unknown key \"{}\" of {}{}",
                                                  shown,
                                                  table.what,
                                                  suggest(member.key, table.names))
                                    : fmt::format("misplaced key \"{}\": {}", shown, place));
        return;
    }
    if (found_.contains(*name)) {
        findings_.add(member.key_place, fmt::format("\"{}\" is there twice; keep one", *name));
        return;
    }
    if (!member.value.is_null()) found_.emplace(*name, &member.value);
}

const Node* Members::find(std::string_view name) const {
    const auto found = found_.find(name);
    return found == found_.end() ? nullptr : found->second;
}

std::optional<std::string> Members::text(std::string_view name) const {
    const Node* node = find(name);
    if (node == nullptr) return std::nullopt;
    if (node->text() != nullptr) return *node->text();
    findings_.add(node->place, "expected a text, found " + describe(*node));
    return std::nullopt;
}

std::optional<bool> Members::boolean(std::string_view name) const {
    const Node* node = find(name);
    if (node == nullptr) return std::nullopt;
    if (const bool* value = std::get_if<bool>(&node->value)) return *value;
    findings_.add(node->place, "expected true or false, found " + describe(*node));
    return std::nullopt;
}

std::optional<double> Members::share(std::string_view name) const {
    const Node* node = find(name);
    if (node == nullptr) return std::nullopt;
    std::optional<double> value;
    if (const auto* whole = std::get_if<std::int64_t>(&node->value))
        value = static_cast<double>(*whole);
    if (const auto* broken = std::get_if<double>(&node->value)) value = *broken;
    if (value && *value >= 0 && *value <= 1) return value;
    findings_.add(node->place, "expected a number from 0 to 1, found " + describe(*node));
    return std::nullopt;
}

}  // namespace faultline::link
