// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <string>

#include "failpoint_control.hpp"

// The places in a program where a fault can be made to happen, and what happens there. Only the
// first few instructions matter for speed: see Failpoint::hit.

namespace faultline::embed {

/// What a place looks at until its point has a slot of its own. Never armed.
inline FailpointSlot unarmed_slot{};

/// One place in the code. Several places, and several copies of one (inline functions, templates),
/// may carry the same name: together they are one point.
struct FailpointSite {
    constexpr explicit FailpointSite(const char* point) noexcept : name(point) {}
    const char* const name;
    std::atomic<FailpointSlot*> slot{&unarmed_slot};
    FailpointSite* next = nullptr;
};

/// All places of the process; each one pushes itself before main, or when its library is loaded.
/// Listed at run time and not by a linker section, because GCC refuses one section for variables of
/// plain and of inline functions (GCC bug 41091), and because that way libraries count too.
/// A plug-in (dlopen) shares the list when the program is linked with -rdynamic; it must not be
/// unloaded.
[[gnu::visibility("default")]] inline std::atomic<FailpointSite*> first_site{nullptr};
/// Gives slots to the places that have none; set once somebody has asked for the points.
[[gnu::visibility("default")]] inline std::atomic<void (*)()> adopt_sites{nullptr};

struct FailpointRegistration {
    explicit FailpointRegistration(FailpointSite& site) noexcept {
        site.next = first_site.load(std::memory_order_relaxed);
        while (!first_site.compare_exchange_weak(
            site.next, &site, std::memory_order_release, std::memory_order_relaxed)) {
        }
        if (const auto adopt = adopt_sites.load(std::memory_order_acquire)) adopt();
    }
};

constexpr bool is_failpoint_letter(char letter) noexcept {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' || letter == '-';
}

/// Letters, digits, dots, underscores and dashes, 1 to 63 of them.
constexpr bool is_failpoint_name(const char* name) noexcept {
    std::size_t length = 0;
    for (; name[length] != '\0'; ++length) {
        if (!is_failpoint_letter(name[length])) return false;
    }
    return length > 0 && length < FailpointSlot::name_bytes;
}

/// The finalizer of SplitMix64: the draw of a hit depends on the seed and its number only.
/// Source: Steele, Lea and Flood 2014.
constexpr std::uint64_t mixed(std::uint64_t value) noexcept {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

inline std::int64_t failpoint_clock_ns() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

/// Returns not before that instant, whatever signals arrive. The kernel wakes sleepers some 50 us
/// late, so the shortest waits, and no others, are spun.
inline void wait_until_ns(std::int64_t at_ns) noexcept {
    constexpr std::int64_t spun_ns = 100'000;
    if (at_ns - failpoint_clock_ns() <= spun_ns) {
        while (failpoint_clock_ns() < at_ns) {
        }
        return;
    }
    timespec at{};
    at.tv_sec = static_cast<std::time_t>(at_ns / 1'000'000'000);
    at.tv_nsec = static_cast<long>(at_ns % 1'000'000'000);
    while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) == EINTR) {
    }
}

/// Calls the function registered for a slot (failpoint_registry.hpp); set with the first one.
[[gnu::visibility("default")]] inline std::atomic<int (*)(FailpointSlot&)> run_callback{nullptr};

[[noreturn]] inline void die_by(int number) noexcept {
    std::signal(number, SIG_DFL);
    std::raise(number);
    std::abort();  // only when the signal is blocked
}

/// What the order says about this one hit.
struct FailpointShot {
    FailpointEffect effect = FailpointEffect::none;
    int error = 0;
    int signal = 0;
    std::int64_t until_ns = 0;
};

/// Counts the hit and decides it; `effect` is none when nothing is to happen.
inline FailpointShot decide(FailpointSlot& slot) noexcept {
    constexpr auto acquire = std::memory_order_acquire;
    FailpointShot shot;
    const std::uint32_t serial = slot.armed.load(acquire);
    if (serial == 0) return shot;
    const std::uint64_t first = slot.first.load(acquire);
    const std::uint64_t after = slot.after.load(acquire);
    const std::uint64_t every = slot.every.load(acquire);
    const std::uint64_t threshold = slot.threshold.load(acquire);
    const std::uint64_t seed = slot.seed.load(acquire);
    const std::int64_t jitter_ns = slot.jitter_ns.load(acquire);
    const std::int64_t delay_ns = slot.delay_ns.load(acquire);
    const auto effect = static_cast<FailpointEffect>(slot.effect.load(acquire));
    shot.error = slot.error.load(acquire);
    shot.signal = slot.signal.load(acquire);
    std::uint64_t hit = 0;
    if (!Tally::add(slot.hits, serial, 0, hit)) return shot;
    if (hit < after || (every > 1 && (hit - after) % every != every - 1)) return shot;
    const std::uint64_t draw = mixed(seed ^ mixed(hit));
    if (threshold != ~std::uint64_t{0} && draw >= threshold) return shot;
    // Before the count, so that whoever sees the count sees the instant; and before the effect,
    // which may be the end of the process.
    const std::int64_t now_ns = failpoint_clock_ns();
    if (Tally::count(slot.triggered) == 0) {
        std::int64_t unset = 0;
        slot.first_trigger_ns.compare_exchange_strong(unset, now_ns, std::memory_order_acq_rel);
    }
    std::uint64_t before = 0;
    if (!Tally::add(slot.triggered, serial, first, before)) return shot;
    if (first != 0 && before + 1 == first) {  // used up: from here on it costs nothing again
        std::uint32_t mine = serial;
        slot.armed.compare_exchange_strong(mine, 0, std::memory_order_acq_rel);
    }
    const std::int64_t spread =
        jitter_ns <= 0 ? 0
                       : static_cast<std::int64_t>(
                             mixed(draw) % (2 * static_cast<std::uint64_t>(jitter_ns) + 1)) -
                             jitter_ns;
    shot.until_ns = now_ns + delay_ns + spread;
    shot.effect = effect;
    return shot;
}

inline std::string text_of(const FailpointSlot& slot) {
    std::string text;
    for (const std::atomic<char>& letter : slot.text) {
        const char value = letter.load(std::memory_order_acquire);
        if (value == '\0') break;
        text += value;
    }
    return text;
}

/// The rest of a hit when the point is armed. Errors: throws std::runtime_error when ordered to.
[[gnu::noinline, gnu::cold]] inline int fire(FailpointSlot& slot) {
    const int saved_errno = errno;
    const FailpointShot shot = decide(slot);
    int result = 0;
    switch (shot.effect) {
        case FailpointEffect::none:
            break;
        case FailpointEffect::error:
            result = shot.error;
            break;
        case FailpointEffect::delay:
            wait_until_ns(shot.until_ns);
            break;
        case FailpointEffect::crash:
            die_by(shot.signal);
        case FailpointEffect::raised:
            throw std::runtime_error(text_of(slot));
        case FailpointEffect::callback:
            if (const auto run = run_callback.load(std::memory_order_acquire)) result = run(slot);
            break;
    }
    errno = saved_errno;
    return result;
}

/// The point that `Name` names, at the place where it is written.
template <class Name>
class Failpoint {
  public:
    static int hit() {
        // Naming it is what makes the compiler register the place, also where it is never reached.
        static_cast<void>(&registration);
        FailpointSlot* const slot = site.slot.load(std::memory_order_relaxed);
        if (__builtin_expect(slot->armed.load(std::memory_order_relaxed) == 0, 1)) return 0;
        return fire(*slot);
    }

  private:
    static inline FailpointSite site{Name::text()};
    static inline const FailpointRegistration registration{site};
};

}  // namespace faultline::embed
