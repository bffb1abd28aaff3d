// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/event_datagram.hpp"

#include <cstdint>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace faultline {
namespace {

using nlohmann::json;

constexpr std::size_t example_bytes_max = 80;

std::string text_of(const json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// The stamp, when it can be true. Stamps above 2^63 arrive as unsigned and are refused here.
std::optional<Instant> stamp_of(const json& at, Instant arrived, Instant opened) {
    if (!at.is_number_integer()) return std::nullopt;
    if (at.is_number_unsigned() &&
        at.get<std::uint64_t>() >
            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
    }
    const Instant stamp = instant_of(at.get<std::int64_t>());
    if (stamp > arrived || stamp < opened) return std::nullopt;
    return stamp;
}

}  // namespace

std::optional<Event> decode_event(std::string_view datagram, Instant arrived, Instant opened) {
    const json object = json::parse(datagram, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) return std::nullopt;
    const auto name = object.find("event");
    if (name == object.end() || !name->is_string()) return std::nullopt;

    Event event{.at = arrived, .seen = arrived, .source = EventSource::target};
    event.name = name->get<std::string>();
    if (event.name.empty()) return std::nullopt;
    for (const auto& [key, value] : object.items()) {
        if (key == "event") continue;
        if (key == "from") {
            event.instance = text_of(value);
        } else if (key == "at") {
            if (const auto stamp = stamp_of(value, arrived, opened)) {
                event.at = *stamp;
            } else {
                event.fields["clock"] = "clamped";
                event.fields["claimed_at"] = text_of(value);
            }
        } else {
            event.fields[key] = text_of(value);
        }
    }
    return event;
}

std::string shortened(std::string_view datagram) {
    std::string text;
    for (const char character : datagram.substr(0, example_bytes_max)) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte >= 0x20 && byte < 0x7F) {
            text += character;
        } else {
            text += fmt::format("\\x{:02x}", byte);
        }
    }
    if (datagram.size() > example_bytes_max) {
        text += fmt::format("... ({} bytes)", datagram.size());
    }
    return text;
}

}  // namespace faultline
