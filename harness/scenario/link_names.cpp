// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/scenario/names.hpp"

namespace faultline {
namespace {

std::string text_of(const LinkName& link) {
    return fmt::format("{}->{}.{}", link.from, link.to, link.port);
}

std::vector<std::string> texts_of(const std::vector<LinkName>& links) {
    std::vector<std::string> texts;
    for (const LinkName& link : links)
        texts.push_back(text_of(link));
    return texts;
}

/// The target an end speaks of; "load" for the load.
std::string target_of(const Selector& end, const Names& names) {
    if (!end.remembered) return end.target;
    const InjectionName* injection = names.find_injection(*end.remembered);
    return injection == nullptr ? "" : injection->target;
}

Result<> check_end(const Selector& end, const Names& names) {
    if (end.target == load_end || end.target == anyone_end) return {};
    return check_selector(end, names);
}

Result<> check_remembered(const LinkSelector& selector, const Names& names) {
    const InjectionName* earlier = names.find_injection(*selector.remembered);
    if (earlier != nullptr && earlier->on_links) return {};
    if (earlier != nullptr) {
        return fail(fmt::format("{} hits instances, so \"{}\" means no link; write for example "
                                "{}->{}",
                                earlier->id,
                                selector.text,
                                selector.text,
                                earlier->target.empty() ? "kv" : earlier->target),
                    ErrorCode::invalid);
    }
    return fail(fmt::format("\"{}\" names no earlier injection{}",
                            selector.text,
                            suggest(*selector.remembered, names.injection_ids())),
                ErrorCode::invalid);
}

/// An instance has no link to itself, and neither has a target with only one.
Result<> check_apart(const LinkSelector& selector, const Names& names) {
    if (selector.from.target.empty() || selector.from.target != selector.to.target) return {};
    const TargetNames* target = names.find_target(selector.from.target);
    const bool same_instance = selector.from.index && selector.from.index == selector.to.index;
    if (!same_instance && (target == nullptr || target->count > 1)) return {};
    return fail(
        fmt::format("\"{}\" never means a link: an instance has none to itself", selector.text),
        ErrorCode::invalid);
}

std::vector<LinkName> links_between(const std::string& from,
                                    const std::string& to,
                                    const std::vector<LinkName>& links) {
    std::vector<LinkName> found;
    for (const LinkName& link : links) {
        const bool begins = from == anyone_end ? link.from != load_end : link.from == from;
        if (begins && link.to == to) found.push_back(link);
    }
    return found;
}

tl::unexpected<Error> no_such_link(const LinkName& wanted,
                                   const LinkSelector& selector,
                                   const Names& names) {
    if (names.links.empty()) {
        return fail(fmt::format("\"{}\" needs a link; add {{\"from\": \"{}\", \"to\": \"{}\", "
                                "\"port\": \"{}\"}} to \"links\"",
                                selector.text,
                                wanted.from,
                                wanted.to,
                                wanted.port.empty() ? "..." : wanted.port),
                    ErrorCode::invalid);
    }
    const auto known = texts_of(names.links);
    std::string written = fmt::format("{}->{}", wanted.from, wanted.to);
    if (!wanted.port.empty()) written += "." + wanted.port;
    std::string nearest = suggest(written, known);
    if (nearest.empty()) nearest = fmt::format("; there are {}", fmt::join(known, ", "));
    return fail(fmt::format("\"{}\" matches no link in \"links\"{}", selector.text, nearest),
                ErrorCode::invalid);
}

Result<> check_port_choice(const std::vector<LinkName>& links, const LinkSelector& selector) {
    const bool one_port = std::all_of(links.begin(), links.end(), [&](const LinkName& link) {
        return link.port == links.front().port;
    });
    if (!selector.port.empty() || one_port) return {};
    return fail(fmt::format("\"{}\" leaves the port out, but there are several: {}",
                            selector.text,
                            fmt::join(texts_of(links), ", ")),
                ErrorCode::invalid);
}

}  // namespace

Result<> check_link_selector(const LinkSelector& selector, const Names& names) {
    if (selector.remembered) return check_remembered(selector, names);
    FL_TRY_VOID(check_end(selector.from, names));
    FL_TRY_VOID(check_end(selector.to, names));
    FL_TRY_VOID(check_apart(selector, names));
    if (names.links_unsure) return {};
    const LinkName wanted{
        target_of(selector.from, names), target_of(selector.to, names), selector.port};
    const auto forward = links_between(wanted.from, wanted.to, names.links);
    const auto backward = selector.both && wanted.from != wanted.to
                              ? links_between(wanted.to, wanted.from, names.links)
                              : std::vector<LinkName>{};
    FL_TRY_VOID(check_port_choice(forward, selector));
    FL_TRY_VOID(check_port_choice(backward, selector));
    const auto is_meant = [&](const LinkName& link) {
        return selector.port.empty() || link.port == selector.port;
    };
    if (std::any_of(forward.begin(), forward.end(), is_meant) ||
        std::any_of(backward.begin(), backward.end(), is_meant))
        return {};
    return no_such_link(wanted, selector, names);
}

Scope scope_of(const LinkSelector& selector, const Names& names) {
    Selector to = selector.to;
    if (selector.remembered) to.remembered = selector.remembered;
    return scope_of(to, names);
}

Result<> check_group(const std::vector<Selector>& members, const Names& names) {
    for (const Selector& member : members) {
        if (member.text == load_end && names.has_load) continue;
        FL_TRY_VOID(check_selector(member, names));
    }
    return {};
}

}  // namespace faultline
