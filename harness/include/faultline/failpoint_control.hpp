// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>

// What a fail point is told and what it counts, and the file through which a harness tells it.
//
//   harness                                   target (mapped once, no thread)
//     creates the file, writes the header       checks magic and version
//                              slot.name   <──  publishes the points it has
//     action, serial ──► slot.armed        ──►  every hit looks at slot.armed
//                 slot.hits, slot.triggered <── counts, and stamps the first trigger
//
// The file: one FailpointControl, then `slots_max` FailpointSlot, of which the first `slot_count`
// have a name. Both sides are compiled from this header; a change of the layout is a new version.

namespace faultline {

/// What an armed point does. Values are part of the layout.
enum class FailpointEffect : std::uint32_t {
    none = 0,
    error = 1,     // the expression has the error's number
    delay = 2,     // the caller is held up
    crash = 3,     // the process ends by a signal
    raised = 4,    // std::runtime_error
    callback = 5,  // a function of this process; for its own tests
};

/// One order to a point: what to do, and at which of its hits. A hit counts when the point is
/// armed; of the hits after the first `after`, every `every`-th is tried with `probability`, and
/// at most `first` of them trigger.
struct FailpointAction {
    FailpointEffect effect = FailpointEffect::none;
    std::int32_t error = 0;      // an errno
    std::int32_t signal = 9;     // of a crash: SIGKILL, or SIGABRT for a core
    std::int64_t delay_ns = 0;   // may be 0 when there is jitter
    std::int64_t jitter_ns = 0;  // the delay is uniform in delay ± jitter
    std::string_view text{};     // of what is thrown; longer ones are cut
    std::uint64_t first = 0;     // 0: no limit
    std::uint64_t after = 0;
    std::uint64_t every = 1;
    double probability = 1;
    std::uint64_t seed = 0;          // the same seed triggers at the same hits
    bool ends_with_process = false;  // disarmed when the process starts again
};

/// One point of a program. All fields are atomic because both sides of the file use them; none is
/// wider than what x86-64 and arm64 write at once. Aligned, so that a point that is hit does not
/// slow its neighbours.
struct alignas(64) FailpointSlot {
    static constexpr std::size_t name_bytes = 64;  // with the closing 0
    static constexpr std::size_t text_bytes = 64;

    std::atomic<std::uint32_t> armed{0};   // 0, or the serial of the order that holds
    std::atomic<std::uint32_t> serial{0};  // of the latest order
    std::atomic<std::uint32_t> effect{0};
    std::atomic<std::int32_t> error{0};
    std::atomic<std::int32_t> signal{0};
    std::atomic<std::uint32_t> ends_with_process{0};
    std::atomic<std::int64_t> delay_ns{0};
    std::atomic<std::int64_t> jitter_ns{0};
    std::atomic<std::uint64_t> first{0};
    std::atomic<std::uint64_t> after{0};
    std::atomic<std::uint64_t> every{0};
    std::atomic<std::uint64_t> threshold{0};  // of 2^64 draws so many trigger; all ones: every one
    std::atomic<std::uint64_t> seed{0};
    std::atomic<std::uint64_t> hits{0};             // a Tally
    std::atomic<std::uint64_t> triggered{0};        // a Tally
    std::atomic<std::int64_t> first_trigger_ns{0};  // CLOCK_MONOTONIC; 0: not yet
    char name[name_bytes]{};
    std::atomic<char> text[text_bytes]{};
};
static_assert(sizeof(FailpointSlot) == 256, "the layout is shared by two programs");
static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
                  std::atomic<std::uint32_t>::is_always_lock_free,
              "a lock would be private to one process");

/// The head of the file.
struct FailpointControl {
    static constexpr char magic_text[8] = {'F', 'L', 'F', 'A', 'I', 'L', 'P', 'T'};
    static constexpr std::uint32_t version_now = 1;
    static constexpr std::uint32_t slots_limit = 1024;

    char magic[8]{};
    std::uint32_t version = 0;
    std::uint32_t slot_bytes = 0;
    std::uint32_t slots_max = 0;
    std::atomic<std::uint32_t> slot_count{0};  // published with release
    std::atomic<std::uint32_t> attached{0};    // how many processes have mapped the file
    std::atomic<std::int32_t> pid{0};          // the latest of them
    char reserved[32]{};

    [[nodiscard]] static constexpr std::size_t file_bytes(std::uint32_t slots) noexcept {
        return sizeof(FailpointControl) + slots * sizeof(FailpointSlot);
    }
    [[nodiscard]] FailpointSlot* slots() noexcept {
        return reinterpret_cast<FailpointSlot*>(this + 1);
    }
    /// Thread: before the file is shown to a target. Requires: the memory is zeroed.
    void begin(std::uint32_t slots) noexcept {
        std::memcpy(magic, magic_text, sizeof magic);
        version = version_now;
        slot_bytes = sizeof(FailpointSlot);
        slots_max = slots;
    }
    /// Whether this is a file of ours, of which `bytes` are there.
    [[nodiscard]] bool valid(std::size_t bytes) const noexcept {
        return bytes >= sizeof(FailpointControl) &&
               std::memcmp(magic, magic_text, sizeof magic) == 0 && version == version_now &&
               slot_bytes == sizeof(FailpointSlot) && slots_max <= slots_limit &&
               bytes >= file_bytes(slots_max);
    }
};
static_assert(sizeof(FailpointControl) == 64, "the layout is shared by two programs");

namespace embed {

/// A counter that belongs to one order: the order's serial above, the count below. A thread that
/// was held up since an earlier order cannot count for the present one.
struct Tally {
    static constexpr unsigned count_bits = 40;
    static constexpr std::uint64_t count_mask = (std::uint64_t{1} << count_bits) - 1;

    [[nodiscard]] static constexpr std::uint64_t zero(std::uint32_t serial) noexcept {
        return std::uint64_t{serial} << count_bits;
    }
    [[nodiscard]] static std::uint64_t count(const std::atomic<std::uint64_t>& tally) noexcept {
        return tally.load(std::memory_order_acquire) & count_mask;
    }
    /// Adds one while the count is below `limit` (0: no limit); `before` is what it was. False when
    /// the order is over.
    static bool add(std::atomic<std::uint64_t>& tally,
                    std::uint32_t serial,
                    std::uint64_t limit,
                    std::uint64_t& before) noexcept {
        std::uint64_t seen = tally.load(std::memory_order_relaxed);
        for (;;) {
            before = seen & count_mask;
            if (seen >> count_bits != serial || (limit != 0 && before >= limit)) return false;
            if (tally.compare_exchange_weak(
                    seen, seen + 1, std::memory_order_acq_rel, std::memory_order_relaxed)) {
                return true;
            }
        }
    }
};

constexpr std::uint32_t serial_max = (1U << (64 - Tally::count_bits)) - 1;

inline std::uint64_t threshold_of(double probability) noexcept {
    if (!(probability < 1)) return ~std::uint64_t{0};
    if (!(probability > 0)) return 0;
    return static_cast<std::uint64_t>(probability * 18446744073709551616.0);
}

}  // namespace embed

/// Ends the order that holds, if any. Thread: any; hits that have begun still take effect.
inline void disarm(FailpointSlot& slot) noexcept {
    slot.armed.store(0, std::memory_order_release);
}
/// The same for one order, when it still is the one that holds.
inline void disarm(FailpointSlot& slot, std::uint32_t serial) noexcept {
    slot.armed.compare_exchange_strong(serial, 0, std::memory_order_acq_rel);
}

/// Gives a new order; counts begin at 0. Returns its serial. Thread: one at a time for one slot.
inline std::uint32_t arm(FailpointSlot& slot, const FailpointAction& action) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    constexpr auto release = std::memory_order_release;
    disarm(slot);
    std::uint32_t serial = slot.serial.load(relaxed) + 1;
    if (serial > embed::serial_max) serial = 1;
    slot.serial.store(serial, relaxed);
    slot.hits.store(embed::Tally::zero(serial), relaxed);
    slot.triggered.store(embed::Tally::zero(serial), relaxed);
    slot.first_trigger_ns.store(0, release);
    // A thread that reads any of these while still on an earlier order finds its serial gone from
    // the tallies when it counts, because each is stored after them.
    slot.effect.store(static_cast<std::uint32_t>(action.effect), release);
    slot.error.store(action.error, release);
    slot.signal.store(action.signal, release);
    slot.ends_with_process.store(action.ends_with_process ? 1 : 0, release);
    slot.delay_ns.store(action.delay_ns, release);
    slot.jitter_ns.store(action.jitter_ns, release);
    slot.first.store(action.first, release);
    slot.after.store(action.after, release);
    slot.every.store(action.every == 0 ? 1 : action.every, release);
    slot.threshold.store(embed::threshold_of(action.probability), release);
    slot.seed.store(action.seed, release);
    const std::size_t length = action.text.size() < FailpointSlot::text_bytes - 1
                                   ? action.text.size()
                                   : FailpointSlot::text_bytes - 1;
    for (std::size_t index = 0; index < FailpointSlot::text_bytes; ++index)
        slot.text[index].store(index < length ? action.text[index] : '\0', release);
    slot.armed.store(serial, release);
    return serial;
}

/// The slot of that name among those published, or null. Thread: any.
inline FailpointSlot* find_slot(FailpointControl& control, std::string_view name) noexcept {
    const std::uint32_t count = control.slot_count.load(std::memory_order_acquire);
    for (std::uint32_t index = 0; index < count && index < control.slots_max; ++index) {
        FailpointSlot& slot = control.slots()[index];
        if (name == std::string_view(slot.name, ::strnlen(slot.name, sizeof slot.name))) {
            return &slot;
        }
    }
    return nullptr;
}

/// A control file in memory. Unmapped by munmap(control, bytes), or with the process.
struct MappedFailpoints {
    FailpointControl* control = nullptr;  // null: see errno
    std::size_t bytes = 0;
};
/// Errors: errno; EPROTO: the file is none of this version.
inline MappedFailpoints map_failpoints(int fd) noexcept {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return {};
    const auto bytes = static_cast<std::size_t>(status.st_size);
    if (bytes < sizeof(FailpointControl)) {
        errno = EPROTO;
        return {};
    }
    void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) return {};
    auto* const control = static_cast<FailpointControl*>(memory);
    if (control->valid(bytes)) return {control, bytes};
    ::munmap(memory, bytes);
    errno = EPROTO;
    return {};
}

}  // namespace faultline
