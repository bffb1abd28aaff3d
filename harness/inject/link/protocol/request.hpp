// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace faultline::link {

/// What is spoken on a connection.
enum class RequestProtocol : std::uint8_t {
    automatic,  // one of the others, by the first bytes of the one who connects
    http,       // HTTP/1.0 and HTTP/1.1
    redis,      // RESP2
};

/// One request, as far as its head tells. Texts point into the bytes that it was read from.
struct Request {
    RequestProtocol protocol = RequestProtocol::http;

    // HTTP
    std::string_view method{};
    std::string_view target{};  // as it was sent: "/search?q=1", "http://host/search", "*"
    struct Field {
        std::string_view name;
        std::string_view value;  // without the blanks around it
    };
    std::vector<Field> fields{};

    // Redis
    std::string_view command{};
    std::string_view key{};  // the first one; empty without a key, or when it is very long

    // What it does to the connection.
    bool answered = true;     // false: nobody answers it (an empty line or array)
    bool head_only = false;   // its answer has no body (HEAD)
    bool asks_first = false;  // waits for "100 Continue" before it sends its body
    bool ends = false;        // the connection is to be closed after its answer
    bool leads_away = false;  // what follows are no requests (CONNECT, SUBSCRIBE, MONITOR, ...)
};

}  // namespace faultline::link
