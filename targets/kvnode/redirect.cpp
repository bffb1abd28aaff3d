// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/redirect.hpp"

#include <fmt/format.h>

#include "harness/base/resp_reply.hpp"

namespace kvnode {

namespace reply = faultline::resp_reply;

namespace {

constexpr unsigned slot_count = 16384;

/// CRC-16/XMODEM: polynomial 0x1021, begins at 0.
unsigned crc16(std::string_view text) {
    unsigned crc = 0;
    for (const char byte : text) {
        crc ^= static_cast<unsigned>(static_cast<unsigned char>(byte)) << 8;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 0x8000U) != 0 ? (crc << 1 ^ 0x1021U) & 0xFFFFU : (crc << 1) & 0xFFFFU;
    }
    return crc;
}

/// The code that Redis clients know for one of ours.
std::string_view redis_code(ftcore::ErrorCode code) {
    using enum ftcore::ErrorCode;
    switch (code) {
        case not_primary:
            return "READONLY";
        case no_primary:
            return "MASTERDOWN";
        case not_ready:
            return "LOADING";
        case overloaded:
        case too_many_connections:
            return "TRYAGAIN";
        case deadline_exceeded:
        case outcome_unknown:
            return "UNKNOWN";
        case storage_full:
            return "OOM";
        case storage_failed:
        case corrupted:
            return "MISCONF";
        case none:
        case bad_request:
        case too_large:
        case wrong_type:
        case peer_lost:
        case peer_version:
        case peer_frame:
        case internal:
            return "ERR";
    }
    return "ERR";
}

}  // namespace

unsigned key_slot(std::string_view key) {
    if (const std::size_t open = key.find('{'); open != std::string_view::npos) {
        const std::size_t close = key.find('}', open + 1);
        if (close != std::string_view::npos && close > open + 1)
            key = key.substr(open + 1, close - open - 1);
    }
    return crc16(key) % slot_count;
}

std::string refusal(ftcore::ErrorCode code,
                    const ftcore::NodeAddress* primary,
                    Redirect redirect,
                    std::string_view key) {
    const ftcore::ErrorInfo& info = ftcore::describe(code);
    if (code == ftcore::ErrorCode::not_primary && primary != nullptr) {
        if (redirect == Redirect::moved) {
            return reply::error(fmt::format("MOVED {} {}:{}",
                                            key_slot(key),
                                            primary->host_for_clients(),
                                            primary->client_port));
        }
        return reply::error(fmt::format("READONLY this node is a secondary; the primary is {}:{}",
                                        primary->host_for_clients(),
                                        primary->client_port));
    }
    return reply::error(fmt::format("{} {}: {}", redis_code(code), info.name, info.message));
}

}  // namespace kvnode
