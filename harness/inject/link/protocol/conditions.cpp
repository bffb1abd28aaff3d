// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/conditions.hpp"

#include <algorithm>
#include <re2/re2.h>
#include <utility>

#include "harness/inject/link/protocol/ascii.hpp"
#include "harness/inject/link/protocol/http_head.hpp"

namespace faultline::link {
namespace {

Result<std::shared_ptr<const re2::RE2>> compile(const std::string& pattern) {
    if (pattern.empty()) return std::shared_ptr<const re2::RE2>();
    RE2::Options options;
    options.set_log_errors(false);
    options.set_encoding(RE2::Options::EncodingLatin1);  // keys and paths are bytes
    auto compiled = std::make_shared<const re2::RE2>(pattern, options);
    if (!compiled->ok()) {
        return fail("regular expression \"" + pattern + "\": " + compiled->error() +
                        " (RE2 syntax: no backreferences, no look-around)",
                    ErrorCode::invalid);
    }
    return compiled;
}

bool holds_in(const std::shared_ptr<const re2::RE2>& pattern, std::string_view text) {
    return pattern == nullptr ||
           RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern);
}

}  // namespace

Result<RequestMatch> RequestMatch::make(RequestConditions conditions, RequestProtocol spoken) {
    RequestMatch match;
    FL_TRY(match.path_pattern_, compile(conditions.path_pattern));
    FL_TRY(match.key_pattern_, compile(conditions.key_pattern));
    match.of_http_ = !conditions.method.empty() || !conditions.path.empty() ||
                     !conditions.path_pattern.empty() || !conditions.header.empty();
    match.of_redis_ =
        !conditions.commands.empty() || !conditions.key.empty() || !conditions.key_pattern.empty();
    if (match.of_http_ && match.of_redis_) {
        return fail(
            "conditions of HTTP (method, path, header) and of Redis (command, key) are "
            "given together: no request fulfils both",
            ErrorCode::invalid);
    }
    if (match.of_http_ && spoken == RequestProtocol::redis) {
        return fail(
            "conditions of HTTP (method, path, header) are given, but the protocol is redis",
            ErrorCode::invalid);
    }
    if (match.of_redis_ && spoken == RequestProtocol::http) {
        return fail("conditions of Redis (command, key) are given, but the protocol is http",
                    ErrorCode::invalid);
    }
    match.wanted_ = std::move(conditions);
    return match;
}

bool RequestMatch::operator()(const Request& request) const {
    if (request.protocol == RequestProtocol::http) return !of_redis_ && matches_http(request);
    return !of_http_ && matches_redis(request);
}

bool RequestMatch::matches_http(const Request& request) const {
    if (!wanted_.method.empty() && wanted_.method != request.method) return false;
    if (!wanted_.path.empty() && wanted_.path != http_path(request.target)) return false;
    if (!holds_in(path_pattern_, http_path_and_query(request.target))) return false;
    return std::all_of(wanted_.header.begin(), wanted_.header.end(), [&](const auto& wanted) {
        return std::any_of(
            request.fields.begin(), request.fields.end(), [&](const Request::Field& field) {
                return same_name(field.name, wanted.first) && field.value == wanted.second;
            });
    });
}

bool RequestMatch::matches_redis(const Request& request) const {
    const auto& commands = wanted_.commands;
    const bool commanded =
        commands.empty() ||
        std::any_of(commands.begin(), commands.end(), [&](const std::string& command) {
            return same_name(command, request.command);
        });
    if (!commanded) return false;
    if (!wanted_.key.empty() && wanted_.key != request.key) return false;
    return holds_in(key_pattern_, request.key);
}

}  // namespace faultline::link
