// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.hpp"

namespace faultline {

/// Which instances: `kv` (all), `kv[1]`, `kv@primary`, `kv:any` (seeded choice),
/// `kv@secondary:any`,
/// `$first` (what the injection with that id hit).
struct Selector {
    std::string text;      // as written
    std::string target{};  // empty for a remembered victim
    std::optional<int> index{};
    std::optional<std::string> role{};
    bool any = false;
    std::optional<std::string> remembered{};
};

/// Which links: `kv[0]->kv@primary.peer`, `load->kv.client`, `kv->kv.peer` (all of them),
/// `a<->b.peer` (both those from a to b and those from b to a), `*->kv.peer` (from any instance).
/// Directed by who connects; the port
/// may be left out where the two have one link only. `$first` alone: the links that the injection
/// with that id hit.
struct LinkSelector {
    std::string text;  // as written
    Selector from;     // target "load": the load; "*": any instance
    Selector to;
    std::string port{};  // of `to`; empty: the only one that is linked
    bool both = false;
    std::optional<std::string> remembered{};  // then nothing else is there
};

/// What the load is called where a link or a group names one of its ends.
inline constexpr std::string_view load_end = "load";

/// Any instance of any target, but not the load: where a link selector may begin.
inline constexpr std::string_view anyone_end = "*";

/// Errors: what is wrong with the form; whether the names exist is checked against a scenario.
[[nodiscard]] Result<Selector> parse_selector(std::string_view text);
[[nodiscard]] Result<LinkSelector> parse_link_selector(std::string_view text);
/// "kv[0], kv@primary": a group, as its members; "load" stands for the load.
[[nodiscard]] Result<std::vector<Selector>> parse_group(std::string_view text);
/// Whether a text is meant to select links; instance selectors have no arrow.
[[nodiscard]] inline bool has_arrow(std::string_view text) {
    return text.find("->") != std::string_view::npos;
}

}  // namespace faultline
