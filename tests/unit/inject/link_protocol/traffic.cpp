// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/inject/link_protocol/traffic.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/base/resp.hpp"
#include "tests/unit/inject/link_protocol/talk.hpp"

namespace faultline::link::test {
namespace {

bool one_in(std::uint64_t count, Random& random) {
    return random.below(count) == 0;
}

/// Mostly short, sometimes long, of any bytes.
std::string random_bytes(Random& random) {
    const std::uint64_t bound = one_in(10, random) ? 5000 : 20;
    std::string bytes(random.below(bound), ' ');
    for (char& byte : bytes)
        byte = static_cast<char>(random.below(256));
    return bytes;
}

std::string random_chunks(Random& random) {
    std::string text;
    for (std::uint64_t left = random.below(4); left > 0; --left) {
        const std::string data = random_bytes(random);
        if (data.empty()) continue;
        text += fmt::format("{:x}{}\r\n{}\r\n", data.size(), one_in(3, random) ? ";a=b" : "", data);
    }
    return text + (one_in(3, random) ? "0\r\nTrailer: yes\r\n\r\n" : "0\r\n\r\n");
}

/// Fields that tell the length, the empty line and the body.
std::string random_body(Random& random) {
    if (one_in(2, random)) return "Transfer-Encoding: chunked\r\n\r\n" + random_chunks(random);
    const std::string body = random_bytes(random);
    return fmt::format("Content-Length: {}\r\n\r\n", body.size()) + body;
}

Exchange http_exchange(int number, Random& random) {
    constexpr std::array methods{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"};
    const std::string method = methods[random.below(methods.size())];
    Exchange made;
    made.marked = one_in(3, random);
    made.refusal = refusal();
    made.request = one_in(10, random) ? "\r\n" : "";
    made.request += fmt::format(
        "{} {}/{} HTTP/1.1\r\nHost: here\r\n", method, made.marked ? "/struck" : "", number);
    const bool has_body = method == "POST" || method == "PUT";
    made.request += has_body ? random_body(random) : "\r\n";
    if (one_in(5, random)) made.answer = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    if (one_in(5, random)) {
        made.answer += fmt::format("HTTP/1.1 204 Number {}\r\n\r\n", number);
    } else {
        const std::string answer =
            fmt::format("HTTP/1.1 200 Number {}\r\n", number) + random_body(random);
        made.answer += method == "HEAD" ? answer.substr(0, answer.find("\r\n\r\n") + 4) : answer;
    }
    return made;
}

std::string random_reply(int depth, Random& random) {
    switch (random.below(depth == 0 ? 5 : 6)) {
        case 0:
            return "+OK\r\n";
        case 1:
            return "-ERR no\r\n";
        case 2:
            return fmt::format(":{}\r\n", random.below(1000));
        case 3:
            return "$-1\r\n";
        case 4: {
            const std::string text = random_bytes(random);
            return fmt::format("${}\r\n", text.size()) + text + "\r\n";
        }
        default: {
            const std::uint64_t count = random.below(4);
            std::string text = fmt::format("*{}\r\n", count);
            for (std::uint64_t index = 0; index < count; ++index)
                text += random_reply(depth - 1, random);
            return text;
        }
    }
}

Exchange redis_exchange(int number, Random& random) {
    Exchange made;
    made.marked = one_in(3, random);
    made.refusal = redis_refusal;
    const std::string key = made.marked ? "struck" : "key";
    const std::string tag = std::to_string(number);
    if (one_in(6, random)) {
        made.request = fmt::format("GET {} {}\r\n", key, tag);
    } else {
        const std::string value = random_bytes(random);
        made.request = command_text({"SET", key, value, tag});
    }
    made.answer = fmt::format("*2\r\n:{}\r\n", number) + random_reply(3, random);
    return made;
}

}  // namespace

Exchange random_exchange(RequestProtocol protocol, int number, Random& random) {
    return protocol == RequestProtocol::http ? http_exchange(number, random)
                                             : redis_exchange(number, random);
}

std::vector<Exchange> random_exchanges(RequestProtocol protocol, int count, Random& random) {
    std::vector<Exchange> all;
    for (int number = 0; number < count; ++number)
        all.push_back(random_exchange(protocol, number, random));
    return all;
}

std::string random_garbage(Random& random) {
    if (one_in(4, random)) return random_bytes(random);
    std::string text;
    const RequestProtocol protocol =
        one_in(2, random) ? RequestProtocol::http : RequestProtocol::redis;
    for (const Exchange& exchange : random_exchanges(protocol, 3, random))
        text += one_in(2, random) ? exchange.request : exchange.answer;
    for (std::uint64_t mistakes = 1 + random.below(4); mistakes > 0 && !text.empty(); --mistakes) {
        const std::size_t at = random.below(text.size());
        switch (random.below(3)) {
            case 0:
                text[at] = static_cast<char>(random.below(256));
                break;
            case 1:
                text.erase(at, 1 + random.below(10));
                break;
            default:
                text.insert(at, random_bytes(random));
                break;
        }
    }
    return text;
}

std::vector<std::string> cut(std::string_view bytes, Random& random) {
    std::vector<std::string> pieces;
    const std::uint64_t bound = 1 + random.below(one_in(3, random) ? 5 : 500);
    while (!bytes.empty()) {
        const std::size_t size = std::min<std::size_t>(bytes.size(), 1 + random.below(bound));
        pieces.emplace_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return pieces;
}

}  // namespace faultline::link::test
