// SPDX-License-Identifier: Apache-2.0
#include "harness/load/drivers/stale_reads.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

namespace faultline {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

struct Write {
    std::uint32_t sequence = 0;
    std::int64_t sent = 0;
    std::int64_t known = never;
};

struct Read {
    std::int64_t sent = 0;
    std::int64_t end = 0;
    std::uint32_t version = 0;
    Write* origin = nullptr;  // of the value; null: it found nothing, or a counter
};

/// From `known` on, no read may return what is older than `floor`: for a value the latest instant
/// of sending, for a counter its own value.
struct Bound {
    std::int64_t known = 0;
    std::int64_t floor = 0;
};

/// Sorts the bounds by when they hold and lets each include those before it.
void accumulate(std::vector<Bound>& bounds) {
    std::sort(bounds.begin(), bounds.end(), [](const Bound& a, const Bound& b) {
        return a.known < b.known;
    });
    for (std::size_t i = 1; i < bounds.size(); ++i)
        bounds[i].floor = std::max(bounds[i].floor, bounds[i - 1].floor);
}

/// What held when `sent` came; null: nothing.
const Bound* bound_before(const std::vector<Bound>& bounds, std::int64_t sent) {
    const auto after = std::partition_point(
        bounds.begin(), bounds.end(), [&](const Bound& bound) { return bound.known < sent; });
    return after == bounds.begin() ? nullptr : &*std::prev(after);
}

/// Judges one key after the other; keeps its memory between them.
class KeyJudge {
  public:
    KeyJudge(const OperationLog& log, const ReadModel& model) : log_(log), model_(model) {}

    /// Shape: the indices of one key's operations in the lower halves, rising.
    void judge(std::uint32_t key, std::span<const std::uint64_t> places) {
        writes_.clear();
        reads_.clear();
        bounds_.clear();
        for (const std::uint64_t place : places)
            take(static_cast<std::uint32_t>(place));
        if (reads_.empty()) return;
        const std::uint64_t before = found_.stale;
        model_.counters ? judge_counter() : judge_value();
        if (found_.stale > before && found_.keys.size() < StaleReads::keys_max)
            found_.keys.push_back(key);
    }
    [[nodiscard]] StaleReads found() && { return std::move(found_); }

  private:
    void take(std::uint32_t index) {
        const Operation& operation = log_[index];
        const bool ok = operation.outcome == Outcome::ok;
        if (operation.kind == model_.read_kind) {
            reads_.push_back({sent_ns(operation), operation.end_ns, operation.version, nullptr});
        } else if (!model_.counters) {
            writes_.push_back({index, sent_ns(operation), ok ? operation.end_ns : never});
        } else if (ok) {
            bounds_.push_back({operation.end_ns, operation.version});
        }
    }

    /// The write whose value it read; null: it cannot have been one of this log.
    [[nodiscard]] Write* origin(const Read& read) {
        const std::uint32_t sequence = read.version - 1;
        const auto found =
            std::partition_point(writes_.begin(), writes_.end(), [&](const Write& write) {
                return write.sequence < sequence;
            });
        if (found == writes_.end() || found->sequence != sequence) return nullptr;
        return found->sent <= read.end ? &*found : nullptr;
    }

    void judge_value() {
        std::erase_if(reads_, [this](Read& read) {
            if (read.version == 0) return false;
            read.origin = origin(read);
            return read.origin == nullptr;
        });
        for (const Read& read : reads_) {
            if (read.origin != nullptr) read.origin->known = std::min(read.origin->known, read.end);
        }
        for (const Write& write : writes_) {
            if (write.known != never) bounds_.push_back({write.known, write.sent});
        }
        accumulate(bounds_);
        for (const Read& read : reads_) {
            const Bound* const bound = bound_before(bounds_, read.sent);
            count(bound != nullptr &&
                  (read.origin == nullptr || bound->floor > read.origin->known));
        }
    }

    void judge_counter() {
        std::erase_if(reads_, [](const Read& read) { return read.version == foreign_version; });
        for (const Read& read : reads_)
            bounds_.push_back({read.end, value_of(read)});
        accumulate(bounds_);
        for (const Read& read : reads_) {
            const Bound* const bound = bound_before(bounds_, read.sent);
            count(bound != nullptr && bound->floor > value_of(read));
        }
    }

    static std::int64_t value_of(const Read& read) {
        return read.version == 0 ? 0 : std::int64_t{read.version} - 1;
    }

    void count(bool stale) {
        ++found_.checked;
        found_.stale += stale ? 1 : 0;
    }

    const OperationLog& log_;
    const ReadModel& model_;
    std::vector<Write> writes_{};  // by sequence
    std::vector<Read> reads_{};
    std::vector<Bound> bounds_{};
    StaleReads found_{};
};

/// Sorts by the upper halves and leaves equals as they are. A radix sort: std::sort takes as long
/// as all the rest.
void sort_by_key(std::vector<std::uint64_t>& places) {
    constexpr unsigned digit_bits = 11, key_begin = 32, key_end = 64;
    constexpr std::uint64_t digit_mask = (1U << digit_bits) - 1;
    std::uint64_t used = 0;
    for (const std::uint64_t place : places)
        used |= place;
    std::vector<std::uint64_t> sorted(places.size());
    for (unsigned shift = key_begin; shift < key_end && used >> shift != 0; shift += digit_bits) {
        std::array<std::size_t, digit_mask + 2> begins{};
        for (const std::uint64_t place : places)
            ++begins[(place >> shift & digit_mask) + 1];
        std::partial_sum(begins.begin(), begins.end(), begins.begin());
        for (const std::uint64_t place : places)
            sorted[begins[place >> shift & digit_mask]++] = place;
        places.swap(sorted);
    }
}

/// The operations that matter: the key in the upper half, the index in the lower, sorted.
std::vector<std::uint64_t> places_by_key(const OperationLog& log, const ReadModel& model) {
    const auto matters = [&](const Operation& operation) {
        if (operation.kind == model.write_kind) return true;
        return operation.kind == model.read_kind && operation.outcome == Outcome::ok;
    };
    std::vector<std::uint64_t> places;
    places.reserve(log.size());
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (matters(log[i])) places.push_back(std::uint64_t{log[i].key} << 32U | i);
    }
    sort_by_key(places);
    return places;
}

}  // namespace

void StaleReads::report(WriteCheck& check,
                        const std::function<std::string(std::uint32_t key)>& name_of) const {
    check.reads_checked = checked;
    check.stale_reads = stale;
    for (const std::uint32_t key : keys)
        check.stale_keys.push_back(name_of(key));
}

StaleReads find_stale_reads(const OperationLog& log, const ReadModel& model) {
    const std::vector<std::uint64_t> places = places_by_key(log, model);
    KeyJudge judge(log, model);
    for (std::size_t begin = 0, end = 0; begin < places.size(); begin = end) {
        const auto key = static_cast<std::uint32_t>(places[begin] >> 32U);
        while (end < places.size() && places[end] >> 32U == key)
            ++end;
        judge.judge(key, std::span(places).subspan(begin, end - begin));
    }
    return std::move(judge).found();
}

}  // namespace faultline
