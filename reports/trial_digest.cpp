// SPDX-License-Identifier: Apache-2.0
#include "reports/trial_digest.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace faultline::reports {
namespace {

std::int64_t microseconds_of(Duration span) {
    return std::chrono::floor<std::chrono::microseconds>(span).count();
}

Instant zero_of(const Timeline& timeline) {
    if (!timeline.injections.empty()) return timeline.injections.front().at();
    return timeline.steady != Instant{} ? timeline.steady : timeline.load_start;
}

/// What is still in flight has waited until the end.
Duration latency_of(const Operation& operation, const Timeline& timeline) {
    const std::int64_t end =
        operation.end_ns != 0 ? operation.end_ns : nanoseconds_of(timeline.end);
    return std::max(Duration{}, Duration(end - operation.intended_ns));
}

/// Fills the bins of one trial, whose operations come in order.
class BinFiller {
  public:
    BinFiller(TrialDigest& digest, std::size_t size) : digest_(digest) {
        digest_.bins.resize(std::max<std::size_t>(1, size));
        digest_.bin_width =
            static_cast<double>(std::max<std::int64_t>(1, digest.to - digest.from)) /
            static_cast<double>(digest_.bins.size());
    }
    void add(std::int64_t at, std::int64_t latency, bool good) {
        const double place = static_cast<double>(at - digest_.from) / digest_.bin_width;
        const auto bin =
            std::min(static_cast<std::size_t>(std::max(0.0, place)), digest_.bins.size() - 1);
        if (bin != open_) close();
        open_ = bin;
        if (good) {
            latencies_.push_back(latency);
        } else {
            ++digest_.bins[bin].bad;
        }
    }
    void close() {
        if (latencies_.empty()) return;
        DigestBin& bin = digest_.bins[open_];
        const auto middle =
            latencies_.begin() + static_cast<std::ptrdiff_t>((latencies_.size() - 1) / 2);
        std::nth_element(latencies_.begin(), middle, latencies_.end());
        bin.good = static_cast<std::uint32_t>(latencies_.size());
        bin.latency_median = *middle;
        bin.latency_min = *std::min_element(latencies_.begin(), middle + 1);
        bin.latency_max = *std::max_element(middle, latencies_.end());
        latencies_.clear();
    }

  private:
    TrialDigest& digest_;
    std::size_t open_ = 0;
    std::vector<std::int64_t> latencies_{};
};

/// Keeps `max` of them, evenly spread, with the first and the last.
template <class T>
void thin_out(std::vector<T>& items, std::size_t max) {
    if (items.size() <= max) return;
    std::vector<T> kept;
    kept.reserve(max);
    for (std::size_t index = 0; index < max; ++index)
        kept.push_back(
            std::move(items[index * (items.size() - 1) / std::max<std::size_t>(1, max - 1)]));
    items = std::move(kept);
}

void digest_operations(const Timeline& timeline,
                       const DigestOptions& options,
                       TrialDigest& digest) {
    BinFiller bins(digest, options.detail.bins);
    digest.aligned.resize(options.grid.size);
    for (std::size_t index = 0; index < timeline.operations.size(); ++index) {
        const Operation& operation = timeline.operations[index];
        if (operation.failure == Failure::unsent) continue;  // the trial was over
        const Duration at = instant_of(operation.intended_ns) - digest.zero;
        const Duration latency = latency_of(operation, timeline);
        const bool good = is_good(operation, options.condition);
        ++digest.operations_total;
        bins.add(microseconds_of(at), microseconds_of(latency), good);
        if (!good) {
            digest.bad_operations.push_back({.at = microseconds_of(at),
                                             .latency = microseconds_of(latency),
                                             .kind = operation.kind,
                                             .failure = operation.failure});
        }
        if (at < options.grid.from) continue;
        const auto place = static_cast<std::size_t>((at - options.grid.from) / options.grid.width);
        if (place >= digest.aligned.size()) continue;
        ++digest.aligned[place].all;
        digest.aligned[place].good += good ? 1 : 0;
    }
    bins.close();
    digest.bad_total = digest.bad_operations.size();
    thin_out(digest.bad_operations, options.detail.bad_operations_max);
}

/// What a coarse digest keeps: what the target itself said about its recovery, and its ends.
bool is_telling(const Event& event) {
    if (event.signal >= 0 || event.source == EventSource::exit) return true;
    return event.source == EventSource::target && event.name != "log" && event.name != "alert" &&
           event.name != "role" && event.name != "ready";
}

std::vector<const Event*> in_order(const Timeline& timeline) {
    std::vector<const Event*> events;
    for (const Event& event : timeline.events)
        events.push_back(&event);
    std::stable_sort(
        events.begin(), events.end(), [](const Event* a, const Event* b) { return a->at < b->at; });
    return events;
}

/// Follows what each instance is, by its own events, the probes of roles and its ends.
class RoleTracker {
  public:
    explicit RoleTracker(TrialDigest& digest) : digest_(digest) {}

    void see(const Event& event) {
        if (event.instance.empty()) return;
        const std::int64_t at = microseconds_of(event.at - digest_.zero);
        if (event.name == "exit" && event.source == EventSource::exit) {
            become(event.instance, std::string(role_down), at);
        } else if (event.name == "ready" && event.source == EventSource::harness) {
            if (role_of(event.instance) == role_down) become(event.instance, "", at);
            known_[event.instance];
        } else if (event.name == "role") {
            const auto role = event.fields.find("role");
            const auto lost = event.fields.find("lost_role");
            if (role != event.fields.end()) become(event.instance, role->second, at);
            if (lost != event.fields.end() && role_of(event.instance) == lost->second)
                become(event.instance, "", at);
        }
    }
    void finish() {
        for (auto& [instance, current] : known_)
            close(instance, current, digest_.to);
    }

  private:
    struct Current {
        std::string role;
        std::int64_t since = std::numeric_limits<std::int64_t>::min();
    };
    std::string role_of(const std::string& instance) { return known_[instance].role; }
    void become(const std::string& instance, const std::string& role, std::int64_t at) {
        Current& current = known_[instance];
        if (current.role == role) return;
        close(instance, current, at);
        current = {role, at};
    }
    void close(const std::string& instance, const Current& current, std::int64_t at) {
        const std::int64_t from = std::max(current.since, digest_.from);
        const std::int64_t to = std::min(at, digest_.to);
        if (to > from) digest_.roles.push_back({instance, current.role, from, to});
    }

    TrialDigest& digest_;
    std::map<std::string, Current> known_{};
};

void digest_events(const Timeline& timeline, const DigestDetail& detail, TrialDigest& digest) {
    RoleTracker roles(digest);
    for (const Event* event : in_order(timeline)) {
        roles.see(*event);
        ++digest.events_total;
        const bool shown =
            event->at >= timeline.load_start && (!detail.only_telling_events || is_telling(*event));
        if (shown) digest.events.push_back(*event);
    }
    roles.finish();
    thin_out(digest.events, detail.events_max);
}

}  // namespace

TrialDigest digest_of(const Timeline& timeline, const DigestOptions& options) {
    TrialDigest digest;
    digest.zero = zero_of(timeline);
    digest.from = microseconds_of(timeline.load_start - digest.zero);
    digest.to = std::max(digest.from + 1, microseconds_of(timeline.end - digest.zero));
    digest.kinds = timeline.operation_kinds;
    digest.injections = timeline.injections;
    digest_operations(timeline, options, digest);
    digest_events(timeline, options.detail, digest);
    return digest;
}

}  // namespace faultline::reports
