// SPDX-License-Identifier: Apache-2.0
// The row of link.error in the catalog.
#include <array>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/units.hpp"
#include "harness/inject/link/protocol/link_error.hpp"

namespace faultline::link {
namespace {

constexpr std::array protocols{std::pair{"auto", RequestProtocol::automatic},
                               std::pair{"http", RequestProtocol::http},
                               std::pair{"redis", RequestProtocol::redis}};
constexpr std::array actions{std::pair{"answer", ErrorAction::answer},
                             std::pair{"delay", ErrorAction::delay},
                             std::pair{"drop", ErrorAction::drop},
                             std::pair{"close", ErrorAction::close},
                             std::pair{"reset", ErrorAction::reset}};

template <class Table>
std::vector<std::string> choices_of(const Table& table) {
    std::vector<std::string> names;
    for (const auto& [name, value] : table)
        names.emplace_back(name);
    return names;
}

template <class Table>
auto chosen(const Table& table, const std::string& name) {
    auto found = table.front().second;
    for (const auto& [known, value] : table) {
        if (name == known) found = value;
    }
    return found;
}

constexpr const char* anything = "*";
constexpr const char* any_text = ".*";

std::string unless_any(const std::string& text, const char* everything) {
    return text == everything ? "" : text;
}

std::uint64_t count_of(const Parameters& given, const char* name) {
    const auto count = given.get<std::int64_t>(name);
    return count < 0 ? 0 : static_cast<std::uint64_t>(count);
}

ErrorSpec spec_of(const Parameters& given) {
    using Fields = std::map<std::string, std::string>;
    const auto text = [&](const char* name) { return given.get<std::string>(name); };
    ErrorSpec spec;
    spec.protocol = chosen(protocols, text("protocol"));
    spec.match = {.method = unless_any(text("method"), anything),
                  .path = unless_any(text("path"), anything),
                  .path_pattern = unless_any(text("path_matches"), any_text),
                  .header = given.get<Fields>("header"),
                  .commands = given.get<std::vector<std::string>>("command"),
                  .key = unless_any(text("key"), anything),
                  .key_pattern = unless_any(text("key_matches"), any_text)};
    spec.how_often = {.after = count_of(given, "after_requests"),
                      .every = count_of(given, "every"),
                      .probability = given.get<double>("probability"),
                      .first = count_of(given, "first")};
    spec.action = chosen(actions, text("action"));
    spec.delay = given.get<Duration>("delay");
    spec.http = {.status = static_cast<int>(given.get<std::int64_t>("status")),
                 .headers = given.get<Fields>("headers"),
                 .body = text("body"),
                 .closes = text("connection") == "close"};
    spec.reply = text("reply");
    return spec;
}

ParameterTable which_requests() {
    return {
        {.name = "protocol",
         .type = ParameterType::choice,
         .help = "What is spoken on the link: http (HTTP/1.1), redis (RESP2), or auto: what the "
                 "first bytes of a connection look like. Anything else passes untouched.",
         .default_value = "auto",
         .choices = choices_of(protocols)},
        {.name = "method",
         .type = ParameterType::text,
         .help = "HTTP: the method, exactly; *: any. All conditions that are given must hold.",
         .default_value = anything},
        {.name = "path",
         .type = ParameterType::text,
         .help = "HTTP: the path without its query, exactly; *: any.",
         .default_value = anything},
        {.name = "path_matches",
         .type = ParameterType::pattern,
         .help = "HTTP: is found anywhere in path and query.",
         .default_value = any_text},
        {.name = "header",
         .type = ParameterType::fields,
         .help = "HTTP: header fields that must be there with exactly these values.",
         .default_value = "{}"},
        {.name = "command",
         .type = ParameterType::texts,
         .help = "Redis: one of these commands, in any case; []: any.",
         .default_value = "[]"},
        {.name = "key",
         .type = ParameterType::text,
         .help = "Redis: the command's first key, exactly; *: any.",
         .default_value = anything},
        {.name = "key_matches",
         .type = ParameterType::pattern,
         .help = "Redis: is found anywhere in the command's first key.",
         .default_value = any_text}};
}

ParameterTable how_often() {
    constexpr double count_max = 1e12;
    return {{.name = "after_requests",
             .type = ParameterType::integer,
             .help = "So many matching requests are let through first, counted over all "
                     "connections, as are the next two.",
             .default_value = "0",
             .minimum = 0,
             .maximum = count_max},
            {.name = "every",
             .type = ParameterType::integer,
             .help = "Of those that follow, only every so many-th counts: with 3 the third, the "
                     "sixth, ...",
             .default_value = "1",
             .minimum = 1,
             .maximum = count_max},
            {.name = "probability",
             .type = ParameterType::share,
             .help = "How likely each request that counts is struck; drawn for each request (not "
                     "for each connection, as with the other faults on links).",
             .default_value = "100%",
             .minimum = 0,
             .maximum = 1},
            {.name = "first",
             .type = ParameterType::integer,
             .help = "How many are struck at most; 0: as long as it lasts.",
             .default_value = "0",
             .minimum = 0,
             .maximum = count_max}};
}

ParameterTable what_happens() {
    return {{.name = "action",
             .type = ParameterType::choice,
             .help = "answer: by the proxy, in its turn, and the server never sees it; delay: it "
                     "and all that follows it on its connection; drop: never forwarded, never "
                     "answered; close: the connection ends once earlier requests are answered; "
                     "reset: it ends at once.",
             .default_value = "answer",
             .choices = choices_of(actions)},
            {.name = "delay",
             .type = ParameterType::duration,
             .help = "delay: how long it is held.",
             .default_value = "0s",
             .minimum = 0,
             .maximum = static_cast<double>(error_delay_max.count())},
            {.name = "status",
             .type = ParameterType::integer,
             .help = "answer, HTTP: the status. After one below 200 the client goes on waiting.",
             .default_value = "503",
             .minimum = 100,
             .maximum = 599},
            {.name = "headers",
             .type = ParameterType::fields,
             .help = "answer, HTTP: header fields, such as {\"Retry-After\": \"1\"}.",
             .default_value = "{}"},
            {.name = "body",
             .type = ParameterType::text,
             .help = "answer, HTTP: the content.",
             .default_value = "injected by faultline"},
            {.name = "connection",
             .type = ParameterType::choice,
             .help = "answer: whether the connection is kept after it, as far as the client wants "
                     "it, or closed.",
             .default_value = "keep",
             .choices = {"keep", "close"}},
            {.name = "reply",
             .type = ParameterType::text,
             .help = "answer, Redis: the reply: -CODE text is an error, +text a simple string, "
                     ":1 an integer, $-1 nil, anything else a bulk string.",
             .default_value = "-ERR injected by faultline"}};
}

bool shows_effect(const Tally& tally) {
    return tally.answered.get() + tally.held_up.get() + tally.dropped.get() + tally.resets.get() +
               tally.closes.get() >
           0;
}

std::string account_of(const Tally& tally) {
    const std::uint64_t requests = tally.requests.get();
    const auto share = [&](std::uint64_t count, const std::string& what) {
        return fmt::format(
            "{} of {} requests {}", format_count(count), format_count(requests), what);
    };
    std::vector<std::string> parts;
    if (const auto count = tally.answered.get(); count > 0) {
        const std::string with = tally.status() == 0
                                     ? "answered instead of the server"
                                     : fmt::format("answered with {}", tally.status());
        parts.push_back(share(count, with));
    }
    if (const auto count = tally.held_up.get(); count > 0) {
        const auto mean = Duration(static_cast<std::int64_t>(tally.delay_ns.get() / count));
        parts.push_back(share(count, "delayed by " + format_duration(mean)));
    }
    if (const auto count = tally.dropped.get(); count > 0) parts.push_back(share(count, "dropped"));
    if (const auto count = tally.closes.get(); count > 0)
        parts.push_back(format_count(count) + " connections closed");
    if (const auto count = tally.resets.get(); count > 0)
        parts.push_back(format_count(count) + " connections reset");
    if (parts.empty()) parts.push_back(share(0, "struck"));
    if (const auto count = tally.unparsed.get(); count > 0) {
        parts.push_back(format_count(count) +
                        " connections passed untouched, wholly or from some point on");
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

LinkKind link_error() {
    Kind kind{.name = "link.error",
              .about =
                  "Single requests go wrong: HTTP/1.1 and Redis requests are answered with an "
                  "error, delayed or dropped.",
              .parameters = which_requests(),
              .needs = "a link",
              .undo = "requests are let through again; answers that are owed are still given",
              .proof = "requests were answered, delayed or dropped, or their connections ended",
              .clears = true,
              .on_links = true};
    for (const ParameterTable& more : {how_often(), what_happens()})
        kind.parameters.insert(kind.parameters.end(), more.begin(), more.end());
    return {.kind = std::move(kind),
            .make = [](const Parameters& given) { return make_error(spec_of(given)); },
            .proven = shows_effect,
            .account = account_of,
            .draws_connections = false,
            .waits = true};
}

}  // namespace faultline::link
