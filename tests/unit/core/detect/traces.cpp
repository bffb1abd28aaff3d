// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/core/detect/traces.hpp"

#include <algorithm>
#include <cmath>

#include "targets/core/detect/careful.hpp"
#include "targets/core/detect/chen.hpp"
#include "targets/core/detect/fixed_timeout.hpp"
#include "targets/core/detect/phi_accrual.hpp"

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;

const Instant start_of_time{std::chrono::seconds(1000)};

Duration milliseconds_span(double count) {
    return faultline::duration_of_seconds(count * 1e-3);
}

/// How much later than usual a beat arrives; negative: never.
double delay_ms(Trace trace, Random& random) {
    switch (trace) {
        case Trace::steady:
            return 0.1 + std::abs(random.normal()) * 0.05;
        case Trace::jittery:
            return 6 + std::max(-6.0, random.normal() * 2);
        case Trace::bursty: {
            const double usual = 0.1 + std::abs(random.normal()) * 0.05;
            if (random.uniform() >= 0.01) return usual;
            return usual + std::min(200.0, 2 * std::pow(1 - random.uniform(), -1 / 1.5));
        }
        case Trace::busy:
            return random.uniform() < 0.2 ? random.uniform() * 20 : 0.1 + random.uniform() * 0.5;
        case Trace::lossy:
            return random.uniform() < 0.05 ? -1 : 0.1 + random.uniform() * 0.5;
    }
    return 0;
}

}  // namespace

std::string name_of(Trace trace) {
    switch (trace) {
        case Trace::steady:
            return "steady";
        case Trace::jittery:
            return "jittery";
        case Trace::bursty:
            return "bursty";
        case Trace::busy:
            return "busy";
        case Trace::lossy:
            return "lossy";
    }
    return "steady";
}

const std::vector<Trace>& all_traces() {
    static const std::vector<Trace> traces{
        Trace::steady, Trace::jittery, Trace::bursty, Trace::busy, Trace::lossy};
    return traces;
}

std::vector<Arrival> make_trace(Trace trace, std::size_t beats, Duration interval, Random& random) {
    std::vector<Arrival> arrivals;
    Instant last = start_of_time;
    for (std::size_t i = 1; i <= beats; ++i) {
        const double delay = delay_ms(trace, random);
        if (delay < 0) continue;
        const Instant sent = start_of_time + interval * static_cast<std::int64_t>(i);
        last = std::max(last, sent + milliseconds_span(delay));
        arrivals.push_back({i, last});
    }
    return arrivals;
}

QualityOfService measure(FailureDetector& detector,
                         const std::vector<Arrival>& trace,
                         Duration interval,
                         Random& random) {
    constexpr std::size_t learning = 1000;  // beats before anything counts
    QualityOfService result;
    std::vector<Duration> detections;
    Duration mistaken{};
    for (std::size_t i = 0; i < trace.size(); ++i) {
        const Arrival& arrival = trace[i];
        if (i > learning && detector.deadline() < arrival.at) {
            ++result.mistakes;
            mistaken += arrival.at - detector.deadline();
        }
        detector.arrived(arrival.at, arrival.sequence, interval);
        if (i <= learning) continue;
        // It dies between this beat and the next one it would have sent.
        const Instant sent = start_of_time + interval * static_cast<std::int64_t>(arrival.sequence);
        const Instant death = sent + faultline::duration_of_seconds(
                                         faultline::seconds_of(interval) * random.uniform());
        detections.push_back(std::max(detector.deadline() - death, Duration::zero()));
    }
    std::sort(detections.begin(), detections.end());
    result.detection_median = detections[detections.size() / 2];
    result.detection_p99 = detections[detections.size() * 99 / 100];
    result.detection_max = detections.back();
    const double hours = faultline::seconds_of(trace.back().at - trace[learning].at) / 3600;
    result.mistakes_per_hour = static_cast<double>(result.mistakes) / hours;
    if (result.mistakes > 0)
        result.mistake_mean = mistaken / static_cast<std::int64_t>(result.mistakes);
    return result;
}

const std::vector<Candidate>& candidates() {
    using Made = std::unique_ptr<FailureDetector>;
    static const std::vector<Candidate> all{
        {"fixed_timeout 30 ms",
         []() -> Made { return std::make_unique<FixedTimeoutDetector>(milliseconds(30)); }},
        {"fixed_timeout 50 ms",
         []() -> Made { return std::make_unique<FixedTimeoutDetector>(milliseconds(50)); }},
        {"chen, margin 30 ms",
         []() -> Made {
             return std::make_unique<ChenDetector>(ChenSettings{.safety_margin = milliseconds(30)});
         }},
        {"phi_accrual 8",
         []() -> Made { return std::make_unique<PhiAccrualDetector>(PhiSettings{}); }},
        {"careful (phi_accrual 8)",
         []() -> Made {
             return std::make_unique<CarefulDetector>(
                 CarefulSettings{}, std::make_unique<PhiAccrualDetector>(PhiSettings{}));
         }},
    };
    return all;
}

}  // namespace ftcore::testing
