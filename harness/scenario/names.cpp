// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/names.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/nearest.hpp"

namespace faultline {
namespace {

constexpr std::size_t name_length_max = 64;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_name_character(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

template <class T>
bool contains(const std::vector<T>& all, const T& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

TargetNames names_of_target(const std::string& name, const Node& node, const Node* roles) {
    TargetNames names{.name = name};
    if (const Node* count = node.find("count")) {
        const auto* value = std::get_if<std::int64_t>(&count->value);
        if (value != nullptr)
            names.count = static_cast<int>(std::clamp<std::int64_t>(*value, 1, 1000));
    }
    const Node* ports = node.find("ports");
    if (ports != nullptr && ports->array() != nullptr) {
        for (const Node& port : *ports->array()) {
            if (port.text() != nullptr) names.ports.push_back(*port.text());
        }
    }
    const Node* own_roles = roles == nullptr ? nullptr : roles->find(name);
    if (own_roles != nullptr && own_roles->object() != nullptr) {
        for (const Node::Member& role : *own_roles->object())
            names.roles.push_back(role.key);
    }
    return names;
}

}  // namespace

Result<> check_name(std::string_view name, std::string_view what) {
    const bool good = !name.empty() && name.size() <= name_length_max && is_letter(name.front()) &&
                      std::all_of(name.begin(), name.end(), is_name_character);
    if (good) return {};
    return fail(
        fmt::format("\"{}\" cannot name a {}; use a letter, then letters, digits, '_' and '-', at "
                    "most {}",
                    name.substr(0, name_length_max),
                    what,
                    name_length_max),
        ErrorCode::invalid);
}

std::string suggest(std::string_view name, const std::vector<std::string>& candidates) {
    constexpr std::size_t compared_max = 80;  // longer ones are no slip of the hand
    constexpr std::size_t candidate_count_max = 500;
    std::vector<std::string> few;
    for (const std::string& candidate : candidates) {
        if (few.size() == candidate_count_max) break;
        if (candidate.size() <= compared_max) few.push_back(candidate);
    }
    return suggestion(name.substr(0, compared_max), few);
}

const TargetNames* Names::find_target(std::string_view name) const {
    const auto found = target_index.find(name);
    return found == target_index.end() ? nullptr : &targets[found->second];
}

std::vector<std::string> Names::target_names() const {
    std::vector<std::string> all;
    for (const TargetNames& target : targets)
        all.push_back(target.name);
    return all;
}

std::vector<std::string> Names::injection_ids() const {
    std::vector<std::string> all;
    for (const InjectionName& injection : injections)
        all.push_back(injection.id);
    return all;
}

const InjectionName* Names::find_injection(std::string_view id) const {
    const auto found =
        std::find_if(injections.begin(), injections.end(), [&](const InjectionName& injection) {
            return injection.id == id;
        });
    return found == injections.end() ? nullptr : &*found;
}

Names collect_names(const Node& document) {
    Names names;
    names.has_load = document.find("load") != nullptr;
    const Node* targets = document.find("targets");
    if (targets == nullptr || targets->object() == nullptr) return names;
    const Node* roles = document.find("roles");
    for (const Node::Member& target : *targets->object()) {
        names.target_index.emplace(target.key, names.targets.size());
        names.targets.push_back(names_of_target(target.key, target.value, roles));
    }
    return names;
}

Result<> check_selector(const Selector& selector, const Names& names) {
    if (selector.remembered) {
        const InjectionName* earlier = names.find_injection(*selector.remembered);
        if (earlier != nullptr && !earlier->on_links) return {};
        if (earlier != nullptr) {
            return fail(
                fmt::format(
                    "{} hits links, so \"{}\" means no instance", earlier->id, selector.text),
                ErrorCode::invalid);
        }
        const auto ids = names.injection_ids();
        return fail(fmt::format("\"{}\" names no earlier injection{}",
                                selector.text,
                                suggest(*selector.remembered, ids)),
                    ErrorCode::invalid);
    }
    const TargetNames* target = names.find_target(selector.target);
    if (target == nullptr) {
        return fail(fmt::format("unknown target \"{}\"{}",
                                selector.target,
                                suggest(selector.target, names.target_names())),
                    ErrorCode::invalid);
    }
    if (selector.index && *selector.index >= target->count) {
        return fail(fmt::format("there is no {}: \"count\" is {}, so the last is {}[{}]",
                                selector.text,
                                target->count,
                                target->name,
                                target->count - 1),
                    ErrorCode::invalid);
    }
    if (selector.role && !contains(target->roles, *selector.role)) {
        return fail(
            fmt::format("unknown role \"{}\" of target \"{}\"{}{}",
                        *selector.role,
                        target->name,
                        suggest(*selector.role, target->roles),
                        target->roles.empty() ? "; name a probe for it under \"roles\"" : ""),
            ErrorCode::invalid);
    }
    return {};
}

Scope scope_of(const Selector& selector, const Names& names) {
    std::string name = selector.target;
    if (selector.remembered) {
        const InjectionName* injection = names.find_injection(*selector.remembered);
        if (injection != nullptr) name = injection->target;
    }
    const TargetNames* target = names.find_target(name);
    return Scope{.target = target, .unsure = target == nullptr};
}

Result<> check_port(const std::string& port, const Names& names, const Scope& scope) {
    if (scope.unsure) return {};
    if (scope.target != nullptr) {
        if (contains(scope.target->ports, port)) return {};
        return fail(
            fmt::format("target \"{}\" has no port \"{}\"{}{}",
                        scope.target->name,
                        port,
                        suggest(port, scope.target->ports),
                        scope.target->ports.empty() ? "; name it in the target's \"ports\"" : ""),
            ErrorCode::invalid);
    }
    std::vector<std::string> all;
    for (const TargetNames& target : names.targets) {
        all.insert(all.end(), target.ports.begin(), target.ports.end());
    }
    if (contains(all, port)) return {};
    return fail(fmt::format("no target has a port \"{}\"{}", port, suggest(port, all)),
                ErrorCode::invalid);
}

}  // namespace faultline
