// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/http_head.hpp"

#include <algorithm>
#include <charconv>

#include "harness/inject/link/protocol/ascii.hpp"

namespace faultline::link {
namespace {

constexpr std::size_t fields_max = 1000;

/// Takes one line from the front of `text`, without its end.
std::string_view next_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// Empty lines before a request are let pass (RFC 9112, section 2.2).
std::string_view without_empty_lines(std::string_view text) {
    while (text.starts_with("\r\n") || text.starts_with('\n'))
        text.remove_prefix(text.starts_with('\n') ? 1 : 2);
    return text;
}

struct RequestLine {
    std::string_view method;
    std::string_view target;
    bool version_1_1 = true;
};

std::optional<RequestLine> read_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first) return std::nullopt;
    RequestLine read{line.substr(0, first), line.substr(first + 1, last - first - 1)};
    const std::string_view version = line.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return std::nullopt;
    read.version_1_1 = version == "HTTP/1.1";
    const bool good = is_http_token(read.method) && !read.target.empty() &&
                      std::none_of(read.target.begin(), read.target.end(), [](char c) {
                          return c == ' ' || is_control(c);
                      });
    if (!good) return std::nullopt;
    return read;
}

/// Calls `visit` for the elements of a comma-separated list.
template <class Visit>
void for_each_element(std::string_view list, Visit visit) {
    while (true) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (const std::string_view one = without_blanks(list.substr(0, comma)); !one.empty())
            visit(one);
        if (comma == list.size()) return;
        list.remove_prefix(comma + 1);
    }
}

bool has_element(std::string_view list, std::string_view element) {
    bool found = false;
    for_each_element(list, [&](std::string_view one) { found = found || same_name(one, element); });
    return found;
}

std::optional<std::uint64_t> whole_length(std::string_view digits) {
    std::uint64_t length = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, length);
    if (digits.empty() || error != std::errc() || stop != end) return std::nullopt;
    return length;
}

/// What the fields say about where the message ends and what becomes of the connection.
struct Summary {
    bool broken = false;
    std::optional<std::uint64_t> length{};
    bool coded = false;         // there is a Transfer-Encoding
    bool last_chunked = false;  // and "chunked" is its last coding
    bool close = false;
    bool keep_alive = false;
    bool expects = false;

    void read(std::string_view name, std::string_view value) {
        if (same_name(name, "content-length")) {
            bool any = false;
            for_each_element(value, [&](std::string_view one) {
                const auto read = whole_length(one);
                any = true;
                if (!read || (length && *length != *read)) broken = true;
                length = read;
            });
            broken = broken || !any;
        } else if (same_name(name, "transfer-encoding")) {
            coded = true;
            for_each_element(value, [&](std::string_view one) {
                if (last_chunked) broken = true;  // nothing may be around the chunks
                last_chunked = same_name(one, "chunked");
            });
        } else if (same_name(name, "connection")) {
            close = close || has_element(value, "close");
            keep_alive = keep_alive || has_element(value, "keep-alive");
        } else if (same_name(name, "expect")) {
            expects = expects || has_element(value, "100-continue");
        }
    }
};

/// Reads the fields in front of the empty line. False: they are none.
template <class Visit>
bool read_fields(std::string_view text, Visit visit) {
    for (std::size_t count = 0;; ++count) {
        const std::string_view line = next_line(text);
        if (line.empty()) return text.empty();
        const std::size_t colon = line.find(':');
        if (count == fields_max || colon == std::string_view::npos) return false;
        const std::string_view name = line.substr(0, colon);
        // This also refuses folded lines and blanks before the colon (RFC 9112, section 5).
        if (!is_http_token(name)) return false;
        visit(name, without_blanks(line.substr(colon + 1)));
    }
}

}  // namespace

std::optional<std::size_t> find_http_head_end(std::string_view input, std::size_t from) {
    const std::size_t skipped = input.size() - without_empty_lines(input).size();
    std::size_t at = std::max(skipped, from > 2 ? from - 2 : 0);
    while (true) {
        at = input.find('\n', at);
        if (at == std::string_view::npos) return std::nullopt;
        const std::string_view rest = input.substr(at + 1);
        if (rest.starts_with('\n')) return at + 2;
        if (rest.starts_with("\r\n")) return at + 3;
        ++at;
    }
}

bool may_become_http_request(std::string_view input) {
    input = without_empty_lines(input);
    if (input.empty() || input == "\r") return true;
    if (const std::size_t end = input.find('\n'); end != std::string_view::npos)
        return read_request_line(next_line(input)).has_value();
    const std::size_t blank = std::min(input.find(' '), input.size());
    if (!is_http_token(input.substr(0, blank))) return false;
    if (blank == input.size()) return true;
    std::string_view rest = input.substr(blank + 1);
    if (rest.ends_with('\r')) rest.remove_suffix(1);
    const std::size_t second = std::min(rest.find(' '), rest.size());
    const bool clean =
        std::none_of(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(second), is_control);
    if (!clean || (!rest.empty() && second == 0)) return false;
    const std::string_view version = rest.substr(std::min(second + 1, rest.size()));
    constexpr std::string_view known = "HTTP/1.";
    return known.starts_with(version.substr(0, known.size())) && version.size() <= known.size() + 1;
}

bool read_http_request(std::string_view head, Request& request, HttpFraming& framing) {
    std::string_view rest = without_empty_lines(head);
    const auto line = read_request_line(next_line(rest));
    if (!line) return false;
    request.protocol = RequestProtocol::http;
    request.method = line->method;
    request.target = line->target;
    request.fields.clear();
    Summary summary;
    const bool good = read_fields(rest, [&](std::string_view name, std::string_view value) {
        request.fields.push_back({name, value});
        summary.read(name, value);
    });
    // A message with two lengths, or with a coding that HTTP/1.0 does not know, may be cut
    // differently by the server (RFC 9112, section 6.1: request smuggling).
    if (!good || summary.broken || (summary.coded && (summary.length || !line->version_1_1)))
        return false;
    if (summary.coded && !summary.last_chunked) return false;
    framing = {};
    if (summary.coded) {
        framing.body = HttpFraming::Body::chunked;
    } else if (summary.length.value_or(0) > 0) {
        framing = {HttpFraming::Body::length, *summary.length};
    }
    request.head_only = request.method == "HEAD";
    request.leads_away = request.method == "CONNECT";
    request.asks_first = summary.expects && framing.body != HttpFraming::Body::none;
    request.ends = summary.close || (!line->version_1_1 && !summary.keep_alive);
    return true;
}

std::optional<HttpStatus> read_http_response(std::string_view head, bool head_only) {
    constexpr int status_at = 9;
    const std::string_view line = next_line(head);
    const bool known = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
    const auto status = known ? whole_length(line.substr(status_at, 3)) : std::nullopt;
    if (!status || *status < 100 || *status > 999) return std::nullopt;
    if (line.size() > status_at + 3 && line[status_at + 3] != ' ') return std::nullopt;
    Summary summary;
    const bool good = read_fields(
        head, [&](std::string_view name, std::string_view value) { summary.read(name, value); });
    if (!good || (summary.broken && !summary.coded)) return std::nullopt;
    HttpStatus read{.status = static_cast<int>(*status)};
    if (head_only || read.status < 200 || read.status == 204 || read.status == 304) return read;
    if (summary.coded) {
        const bool chunked = summary.last_chunked && !summary.broken;
        read.framing.body = chunked ? HttpFraming::Body::chunked : HttpFraming::Body::until_close;
    } else if (summary.length) {
        if (*summary.length > 0) read.framing = {HttpFraming::Body::length, *summary.length};
    } else {
        read.framing.body = HttpFraming::Body::until_close;
    }
    return read;
}

bool is_http_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
               marks.find(c) != std::string_view::npos;
    });
}

std::string_view http_path_and_query(std::string_view target) {
    if (target.starts_with('/')) return target;
    const std::size_t scheme = target.find("://");
    if (scheme == std::string_view::npos) return target;  // "*", or CONNECT's host and port
    const std::size_t path = target.find_first_of("/?", scheme + 3);
    if (path == std::string_view::npos) return "/";
    return target.substr(path);
}

std::string_view http_path(std::string_view target) {
    const std::string_view whole = http_path_and_query(target);
    return whole.substr(0, whole.find('?'));
}

}  // namespace faultline::link
