// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/answers.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/inject/link/protocol/ascii.hpp"
#include "harness/inject/link/protocol/http_head.hpp"

namespace faultline::link {
namespace {

constexpr int status_min = 100;
constexpr int status_max = 599;

struct Reason {
    int status;
    std::string_view text;
};
// Source: the IANA registry of HTTP status codes.
constexpr std::array reasons{Reason{100, "Continue"},
                             Reason{101, "Switching Protocols"},
                             Reason{200, "OK"},
                             Reason{201, "Created"},
                             Reason{202, "Accepted"},
                             Reason{204, "No Content"},
                             Reason{206, "Partial Content"},
                             Reason{301, "Moved Permanently"},
                             Reason{302, "Found"},
                             Reason{303, "See Other"},
                             Reason{304, "Not Modified"},
                             Reason{307, "Temporary Redirect"},
                             Reason{308, "Permanent Redirect"},
                             Reason{400, "Bad Request"},
                             Reason{401, "Unauthorized"},
                             Reason{403, "Forbidden"},
                             Reason{404, "Not Found"},
                             Reason{405, "Method Not Allowed"},
                             Reason{408, "Request Timeout"},
                             Reason{409, "Conflict"},
                             Reason{410, "Gone"},
                             Reason{412, "Precondition Failed"},
                             Reason{413, "Content Too Large"},
                             Reason{422, "Unprocessable Content"},
                             Reason{423, "Locked"},
                             Reason{425, "Too Early"},
                             Reason{429, "Too Many Requests"},
                             Reason{500, "Internal Server Error"},
                             Reason{501, "Not Implemented"},
                             Reason{502, "Bad Gateway"},
                             Reason{503, "Service Unavailable"},
                             Reason{504, "Gateway Timeout"},
                             Reason{507, "Insufficient Storage"}};

std::string_view reason_of(int status) {
    for (const Reason& reason : reasons) {
        if (reason.status == status) return reason.text;
    }
    return "Injected";
}

Result<> check_header(const std::string& name, const std::string& value) {
    if (!is_http_token(name)) {
        return fail(fmt::format("\"{}\" is not the name of a header", name), ErrorCode::invalid);
    }
    for (const std::string_view own : {"Connection", "Content-Length", "Transfer-Encoding"}) {
        if (!same_name(name, own)) continue;
        return fail(fmt::format("the header {} is set by itself; \"connection\" says whether the "
                                "connection is kept",
                                own),
                    ErrorCode::invalid);
    }
    const bool clean =
        std::none_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; });
    if (clean) return {};
    return fail("the value of the header " + name + " has line ends or other control characters",
                ErrorCode::invalid);
}

Result<> check_http(const HttpAnswer& answer) {
    if (answer.status < status_min || answer.status > status_max) {
        return fail(fmt::format("status is {}, it must be between {} and {}",
                                answer.status,
                                status_min,
                                status_max),
                    ErrorCode::invalid);
    }
    if (answer.body.size() > Answers::body_bytes_max) {
        return fail(fmt::format("a body of {}, the most is {}",
                                format_bytes(answer.body.size()),
                                format_bytes(Answers::body_bytes_max)),
                    ErrorCode::invalid);
    }
    for (const auto& [name, value] : answer.headers)
        FL_TRY_VOID(check_header(name, value));
    return {};
}

std::string spell_http(const HttpAnswer& answer, Answers::How how) {
    std::string text = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, reason_of(answer.status));
    bool typed = false;
    for (const auto& [name, value] : answer.headers) {
        text += fmt::format("{}: {}\r\n", name, value);
        typed = typed || same_name(name, "Content-Type");
    }
    const bool bodiless = answer.status < 200 || answer.status == 204 || answer.status == 304;
    if (!bodiless) {
        if (!typed && !answer.body.empty()) text += "Content-Type: text/plain\r\n";
        text += fmt::format("Content-Length: {}\r\n", answer.body.size());
    }
    if (how.closes) text += "Connection: close\r\n";
    text += "\r\n";
    if (!bodiless && !how.head_only) text += answer.body;
    return text;
}

Result<std::string> spell_redis(const std::string& reply) {
    if (reply.empty()) return fail("reply is empty", ErrorCode::invalid);
    if (reply.size() > Answers::reply_bytes_max) {
        return fail(fmt::format("a reply of {}, the most is {}",
                                format_bytes(reply.size()),
                                format_bytes(Answers::reply_bytes_max)),
                    ErrorCode::invalid);
    }
    if (reply.find_first_of("\r\n") != std::string::npos) {
        return fail("reply has line ends, which end a reply of the Redis protocol",
                    ErrorCode::invalid);
    }
    const char type = reply.front();
    if (type == ':') {
        std::int64_t number = 0;
        const char* const end = reply.data() + reply.size();
        const auto [stop, error] = std::from_chars(reply.data() + 1, end, number);
        if (error != std::errc() || stop != end) {
            return fail("reply \"" + reply + "\" begins with ':' and is no integer",
                        ErrorCode::invalid);
        }
    }
    if (type == '-' || type == '+' || type == ':' || reply == "$-1") return reply + "\r\n";
    return fmt::format("${}\r\n{}\r\n", reply.size(), reply);
}

constexpr std::size_t variant(Answers::How how) {
    return (how.head_only ? 1U : 0U) + (how.closes ? 2U : 0U);
}

}  // namespace

Result<Answers> Answers::make(const HttpAnswer& http, const std::string& reply) {
    FL_TRY_VOID(check_http(http));
    Answers answers;
    FL_TRY(answers.redis_, spell_redis(reply));
    for (const bool head_only : {false, true}) {
        for (const bool closes : {false, true}) {
            const How how{.head_only = head_only, .closes = closes};
            answers.http_[variant(how)] = spell_http(http, how);
        }
    }
    answers.status_ = http.status;
    return answers;
}

const std::string& Answers::text(RequestProtocol protocol, How how) const {
    return protocol == RequestProtocol::http ? http_[variant(how)] : redis_;
}

}  // namespace faultline::link
