// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <initializer_list>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <utility>

namespace faultline {

/// One more fact about an event: {"cause", "crash"}.
using EventField = std::pair<std::string_view, std::string_view>;

/// CLOCK_MONOTONIC, the clock of every stamp. Units: nanoseconds.
inline std::int64_t monotonic_ns() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

namespace embed {

/// Builds one JSON object in place: no allocation, so nothing can throw in the host's hot path.
class EventText {
  public:
    /// Units: bytes. Longer events are not sent.
    static constexpr std::size_t bytes_max = 8192;

    void begin(std::string_view name, std::int64_t at_ns) noexcept {
        raw("{\"event\":");
        text(name);
        raw(",\"at\":");
        number(at_ns);
    }
    void field(std::string_view name, std::string_view value) noexcept {
        raw(",");
        text(name);
        raw(":");
        text(value);
    }
    void field(std::string_view name, std::int64_t value) noexcept {
        raw(",");
        text(name);
        raw(":");
        number(value);
    }
    void end() noexcept { raw("}"); }

    [[nodiscard]] bool fits() const noexcept { return fits_; }
    [[nodiscard]] std::string_view view() const noexcept { return {buffer_, size_}; }

  private:
    void raw(std::string_view bytes) noexcept {
        if (bytes.size() > bytes_max - size_) {
            fits_ = false;
            return;
        }
        std::memcpy(buffer_ + size_, bytes.data(), bytes.size());
        size_ += bytes.size();
    }

    void number(std::int64_t value) noexcept {
        char digits[24];
        std::size_t first = sizeof digits;
        const bool negative = value < 0;
        // Negating in unsigned arithmetic is defined for the smallest value too.
        auto rest = static_cast<std::uint64_t>(value);
        if (negative) rest = 0 - rest;
        do {
            digits[--first] = static_cast<char>('0' + rest % 10);
            rest /= 10;
        } while (rest != 0);
        if (negative) digits[--first] = '-';
        raw({digits + first, sizeof digits - first});
    }

    void text(std::string_view value) noexcept {
        raw("\"");
        while (!value.empty() && fits_) {
            const std::size_t length = sequence_length(value);
            const auto byte = static_cast<unsigned char>(value[0]);
            if (length == 0) {
                raw("\\ufffd");  // JSON is UTF-8; what is not must not cost the whole event
            } else if (byte == '"' || byte == '\\') {
                raw("\\");
                raw(value.substr(0, 1));
            } else if (byte < 0x20) {
                static constexpr char hex[] = "0123456789abcdef";
                const char escaped[] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
                raw({escaped, sizeof escaped});
            } else {
                raw(value.substr(0, length));
            }
            value.remove_prefix(length == 0 ? 1 : length);
        }
        raw("\"");
    }

    /// Bytes of the well-formed UTF-8 sequence at the front, 0 when there is none.
    /// Source: Unicode 15, table 3-7.
    static std::size_t sequence_length(std::string_view value) noexcept {
        const auto at = [value](std::size_t index) -> unsigned {
            return index < value.size() ? static_cast<unsigned char>(value[index]) : 0U;
        };
        const auto continues = [&at](std::size_t index) { return (at(index) & 0xC0U) == 0x80U; };
        const unsigned first = at(0);
        if (first < 0x80) return 1;
        if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
        if (first >= 0xE0 && first <= 0xEF) {
            const bool overlong = first == 0xE0 && at(1) < 0xA0;
            const bool surrogate = first == 0xED && at(1) > 0x9F;
            return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
        }
        if (first >= 0xF0 && first <= 0xF4) {
            const bool overlong = first == 0xF0 && at(1) < 0x90;
            const bool beyond = first == 0xF4 && at(1) > 0x8F;
            return continues(1) && continues(2) && continues(3) && !overlong && !beyond ? 4 : 0;
        }
        return 0;
    }

    char buffer_[bytes_max];
    std::size_t size_ = 0;
    bool fits_ = true;
};

/// The socket that the harness named in the environment; opened once, at the first event.
/// Thread: any.
class EventSink {
  public:
    EventSink(const char* path, const char* instance) noexcept {
        if (instance != nullptr) from_ = instance;
        if (path == nullptr) return;
        const std::size_t length = std::strlen(path);
        if (length == 0 || length >= sizeof address_.sun_path) return;
        address_.sun_family = AF_UNIX;
        std::memcpy(address_.sun_path, path, length + 1);
        socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    // Never closed: a thread may still send while the process ends.
    EventSink(const EventSink&) = delete;
    EventSink& operator=(const EventSink&) = delete;

    [[nodiscard]] bool enabled() const noexcept { return socket_ >= 0; }

    bool send(std::string_view name,
              const EventField* fields,
              std::size_t count,
              std::int64_t at_ns) noexcept {
        if (!enabled()) return false;
        const int saved_errno = errno;
        EventText text;
        text.begin(name, at_ns);
        if (!from_.empty()) text.field("from", from_);
        const std::uint32_t dropped = dropped_.exchange(0);
        if (dropped != 0) text.field("dropped", static_cast<std::int64_t>(dropped));
        for (std::size_t index = 0; index < count; ++index) {
            text.field(fields[index].first, fields[index].second);
        }
        text.end();
        const bool sent = text.fits() && send_datagram(text.view());
        // The next event that gets through says how many did not.
        if (!sent) dropped_.fetch_add(dropped + 1);
        errno = saved_errno;
        return sent;
    }

  private:
    bool send_datagram(std::string_view bytes) noexcept {
        return ::sendto(socket_,
                        bytes.data(),
                        bytes.size(),
                        MSG_DONTWAIT | MSG_NOSIGNAL,
                        reinterpret_cast<const sockaddr*>(&address_),
                        sizeof address_) == static_cast<::ssize_t>(bytes.size());
    }

    int socket_ = -1;
    sockaddr_un address_{};
    std::string_view from_;  // points into the environment, or at what the caller keeps
    std::atomic<std::uint32_t> dropped_{0};
};

inline EventSink& event_sink() noexcept {
    static EventSink sink(std::getenv("FAULTLINE_EVENTS"), std::getenv("FAULTLINE_INSTANCE"));
    return sink;
}

}  // namespace embed

/// Whether a harness listens; for events that are costly to put together.
inline bool events_enabled() noexcept {
    return embed::event_sink().enabled();
}

/// Tells the harness that something happened, in one non-blocking datagram:
///
///   faultline::send_event("detected", {{"about", "kv[0]"}, {"cause", "crash"}});
///
/// `at_ns` is when it happened, by CLOCK_MONOTONIC; absent: now. Does nothing when the process was
/// not started by a harness. The environment is read at the first call. Returns whether the
/// datagram was handed over; a full queue or a gone harness loses the event, and the next one that
/// gets through carries the count of the lost ("dropped"). Thread: any. Throws nothing, allocates
/// nothing, raises no signal, leaves errno alone.
inline bool send_event(std::string_view name,
                       std::initializer_list<EventField> fields = {}) noexcept {
    return embed::event_sink().enabled() &&
           embed::event_sink().send(name, fields.begin(), fields.size(), monotonic_ns());
}
inline bool send_event(std::string_view name,
                       std::initializer_list<EventField> fields,
                       std::int64_t at_ns) noexcept {
    return embed::event_sink().send(name, fields.begin(), fields.size(), at_ns);
}
/// The same for fields that were collected at run time.
inline bool send_event(std::string_view name,
                       const EventField* fields,
                       std::size_t count,
                       std::int64_t at_ns) noexcept {
    return embed::event_sink().send(name, fields, count, at_ns);
}

}  // namespace faultline
