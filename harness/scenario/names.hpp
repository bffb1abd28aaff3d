// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/scenario/document.hpp"
#include "harness/scenario/selector.hpp"

namespace faultline {

/// A name as targets, roles, ports, parameters and injections have them: a letter, then letters,
/// digits, '_' and '-', at most 64. Errors: what is wrong with it; `what` says what it names.
[[nodiscard]] Result<> check_name(std::string_view name, std::string_view what);

/// `suggestion` of base/nearest.hpp for names of any length and content.
[[nodiscard]] std::string suggest(std::string_view name,
                                  const std::vector<std::string>& candidates);

/// What other parts of a scenario may refer to in a target.
struct TargetNames {
    std::string name;
    int count = 1;
    std::vector<std::string> ports{};
    std::vector<std::string> roles{};
};

/// An injection that later ones may refer to.
struct InjectionName {
    std::string id;
    std::string target;     // of the victim; empty when its selector is broken
    bool on_links = false;  // it hits links: `target` is the end that listens
};

/// Links that selectors may refer to: those from each instance of `from` to each other one of `to`.
struct LinkName {
    std::string from;  // a target, or "load"
    std::string to;
    std::string port;
    auto operator<=>(const LinkName&) const = default;
};

/// Everything in a scenario that has a name, collected before anything is decoded, so that each
/// reference can be checked where it stands.
struct Names {
    std::vector<TargetNames> targets;
    std::map<std::string, std::size_t, std::less<>> target_index;
    bool has_load = false;
    std::vector<LinkName> links{};            // once they are decoded
    bool links_unsure = false;                // one of them is a mistake: judge no selector by them
    std::vector<InjectionName> injections{};  // those before the one being decoded

    [[nodiscard]] const InjectionName* find_injection(std::string_view id) const;
    [[nodiscard]] const TargetNames* find_target(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> target_names() const;
    [[nodiscard]] std::vector<std::string> injection_ids() const;
};

/// Takes what it can from `document` and says nothing about the rest: decoding does.
[[nodiscard]] Names collect_names(const Node& document);

/// The target around a text: whose ports `${port.x}` and a parameter's port name mean.
struct Scope {
    const TargetNames* target = nullptr;  // null: none around
    bool victims_known = true;  // false: read before any injection, where `$id` means nothing
    bool unsure = false;        // it is not known because of another mistake: judge nothing
};

/// Errors: a target, index, role or earlier injection that does not exist, with the nearest that
/// does.
[[nodiscard]] Result<> check_selector(const Selector& selector, const Names& names);
/// The target a selector speaks of.
[[nodiscard]] Scope scope_of(const Selector& selector, const Names& names);

/// Errors: an end that does not exist; no link that it could ever mean, with the nearest there is;
/// a port left out where there are several.
[[nodiscard]] Result<> check_link_selector(const LinkSelector& selector, const Names& names);
/// The target that listens.
[[nodiscard]] Scope scope_of(const LinkSelector& selector, const Names& names);
/// Errors: one of its members does not exist. "load" stands for the load.
[[nodiscard]] Result<> check_group(const std::vector<Selector>& members, const Names& names);

/// Errors: the first `${...}` in `text` that cannot be filled, with the nearest name that can.
[[nodiscard]] Result<> check_templates(std::string_view text,
                                       const Names& names,
                                       const Scope& scope);

/// Errors: `port` is not one of the target's.
[[nodiscard]] Result<> check_port(const std::string& port, const Names& names, const Scope& scope);

}  // namespace faultline
