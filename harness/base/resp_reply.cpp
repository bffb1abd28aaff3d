// SPDX-License-Identifier: Apache-2.0
#include "harness/base/resp_reply.hpp"

namespace faultline::resp_reply {

std::string simple(std::string_view text) {
    return "+" + std::string(text) + "\r\n";
}

std::string error(std::string_view text) {
    std::string line = "-" + std::string(text);
    for (char& byte : line) {
        if (byte == '\r' || byte == '\n') byte = ' ';
    }
    return line + "\r\n";
}

std::string integer(std::int64_t value) {
    return ":" + std::to_string(value) + "\r\n";
}

std::string bulk(std::string_view text) {
    std::string out = "$" + std::to_string(text.size()) + "\r\n";
    out.append(text);
    return out + "\r\n";
}

std::string nil() {
    return "$-1\r\n";
}

std::string array(std::size_t count) {
    return "*" + std::to_string(count) + "\r\n";
}

}  // namespace faultline::resp_reply
