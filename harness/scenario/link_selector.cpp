// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "harness/scenario/names.hpp"
#include "harness/scenario/selector.hpp"

namespace faultline {
namespace {

tl::unexpected<Error> malformed_link(std::string_view text, std::string_view reason) {
    return fail(fmt::format("\"{}\" is not a link selector: {}; write kv[0]->kv@primary.peer, "
                            "load->kv.client, *->kv.peer, a<->b.peer or $id",
                            text,
                            reason),
                ErrorCode::invalid);
}

enum class End : std::uint8_t { from, to };

Result<Selector> end_of(std::string_view text, std::string_view end, End which) {
    if (end.empty()) {
        return malformed_link(text,
                              which == End::from ? "the end before the arrow is missing"
                                                 : "the end behind the arrow is missing");
    }
    if (end == anyone_end && which == End::from)
        return Selector{.text = std::string(end), .target = std::string(end)};
    auto selector = parse_selector(end);
    if (!selector) return malformed_link(text, selector.error().message);
    if (selector->target == load_end && selector->text != load_end)
        return malformed_link(text, "there is one load, without index, role or \":any\"");
    return selector;
}

}  // namespace

Result<LinkSelector> parse_link_selector(std::string_view text) {
    LinkSelector link{.text = std::string(text)};
    const std::size_t arrow = text.find("->");
    if (arrow == std::string_view::npos) {
        if (!text.starts_with('$')) return malformed_link(text, "it has no arrow");
        FL_TRY(const Selector selector, end_of(text, text, End::from));
        link.remembered = selector.remembered;
        return link;
    }
    link.both = arrow > 0 && text[arrow - 1] == '<';
    const std::string_view from = text.substr(0, link.both ? arrow - 1 : arrow);
    std::string_view to = text.substr(arrow + 2);
    if (has_arrow(to)) return malformed_link(text, "it has two arrows");
    if (from.find('.') != std::string_view::npos) {
        return malformed_link(text, "the port belongs to the end behind the arrow");
    }
    if (const auto dot = to.find('.'); dot != std::string_view::npos) {
        link.port = std::string(to.substr(dot + 1));
        if (const auto good = check_name(link.port, "port"); !good)
            return malformed_link(text, good.error().message);
        to = to.substr(0, dot);
    }
    FL_TRY(link.from, end_of(text, from, End::from));
    FL_TRY(link.to, end_of(text, to, End::to));
    if (link.both && link.from.target == anyone_end)
        return malformed_link(text, "\"*\" has no links to it; write *->kv.peer");
    if (link.to.target == load_end || (link.both && link.from.target == load_end))
        return malformed_link(text, "nobody connects to the load");
    return link;
}

Result<std::vector<Selector>> parse_group(std::string_view text) {
    std::vector<Selector> members;
    for (std::string_view rest = text;;) {
        const std::size_t comma = rest.find(',');
        std::string_view one = rest.substr(0, comma);
        while (one.starts_with(' '))
            one.remove_prefix(1);
        while (one.ends_with(' '))
            one.remove_suffix(1);
        FL_TRY(Selector member, parse_selector(one));
        members.push_back(std::move(member));
        if (comma == std::string_view::npos) return members;
        rest.remove_prefix(comma + 1);
    }
}

}  // namespace faultline
