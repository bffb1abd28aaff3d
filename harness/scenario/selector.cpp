// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/selector.hpp"

#include <charconv>

#include <fmt/format.h>

#include "harness/scenario/names.hpp"

namespace faultline {
namespace {

tl::unexpected<Error> malformed(std::string_view text, std::string_view reason) {
    return fail(fmt::format("\"{}\" is not a selector: {}; write kv, kv[1], kv@primary, kv:any, "
                            "kv@primary:any or $id",
                            text,
                            reason),
                ErrorCode::invalid);
}

Result<> check_part(std::string_view name, std::string_view what, std::string_view text) {
    if (name.empty()) return malformed(text, fmt::format("the {} is missing", what));
    if (const auto good = check_name(name, what); !good)
        return malformed(text, good.error().message);
    return {};
}

/// "[1]" → 1.
Result<int> index_of(std::string_view bracketed, std::string_view text) {
    int index = -1;
    if (bracketed.ends_with(']')) {
        const char* end = bracketed.data() + bracketed.size() - 1;
        const auto [read, error] = std::from_chars(bracketed.data() + 1, end, index);
        if (error != std::errc() || read != end) index = -1;
    }
    if (index < 0) return malformed(text, "an index is a number in brackets");
    return index;
}

}  // namespace

Result<Selector> parse_selector(std::string_view text) {
    Selector selector{.text = std::string(text)};
    if (text.starts_with('$')) {
        selector.remembered = std::string(text.substr(1));
        FL_TRY_VOID(check_part(*selector.remembered, "injection", text));
        return selector;
    }
    std::string_view rest = text;
    if (const auto colon = rest.find(':'); colon != std::string_view::npos) {
        if (rest.substr(colon) != ":any")
            return malformed(text, "only \":any\" may follow a colon");
        selector.any = true;
        rest = rest.substr(0, colon);
    }
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        selector.role = std::string(rest.substr(at + 1));
        FL_TRY_VOID(check_part(*selector.role, "role", text));
        rest = rest.substr(0, at);
    }
    if (const auto bracket = rest.find('['); bracket != std::string_view::npos) {
        if (selector.role || selector.any) {
            return malformed(text, "an index already means one instance");
        }
        FL_TRY(selector.index, index_of(rest.substr(bracket), text));
        rest = rest.substr(0, bracket);
    }
    selector.target = std::string(rest);
    FL_TRY_VOID(check_part(selector.target, "target", text));
    return selector;
}

}  // namespace faultline
