// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "targets/core/detect/failure_detector.hpp"
#include "targets/core/types.hpp"

namespace ftcore::testing {

/// How heartbeats arrive in a simulated world.
enum class Trace : std::uint8_t {
    steady,   // a quiet machine: 50 us of jitter
    jittery,  // normal jitter of 2 ms
    bursty,   // one beat in 100 waits for a pause with a heavy tail (Pareto, 2 ms, alpha 1.5, at
              // most 200 ms)
    busy,     // one beat in 5 waits for the scheduler, evenly up to 20 ms
    lossy     // one beat in 20 never comes
};
[[nodiscard]] std::string name_of(Trace trace);
[[nodiscard]] const std::vector<Trace>& all_traces();

struct Arrival {
    std::uint64_t sequence = 0;
    Instant at{};
};
/// Beats 1, 2, ... sent every `interval`, in the order of their arrival (a late one holds up those
/// behind it, as on one connection).
[[nodiscard]] std::vector<Arrival> make_trace(Trace trace,
                                              std::size_t beats,
                                              Duration interval,
                                              Random& random);

/// What a detector makes of a trace. Source: Chen, Toueg, Aguilera 2002: detection time, mistake
/// rate, mistake duration.
struct QualityOfService {
    Duration detection_median{};  // from a crash at a random moment
    Duration detection_p99{};
    Duration detection_max{};
    std::uint64_t mistakes = 0;
    double mistakes_per_hour = 0;
    Duration mistake_mean{};  // how long one lasts
};
/// Feeds the trace and asks after every beat: was it wrongly suspected before this one came, and
/// when would it be suspected if the sender died before the next?
[[nodiscard]] QualityOfService measure(FailureDetector& detector,
                                       const std::vector<Arrival>& trace,
                                       Duration interval,
                                       Random& random);

/// The detectors that are compared: fixed timeouts of 30 and 50 ms, Chen with a margin of 30 ms,
/// phi accrual with a threshold of 8, and the careful one as the pipeline uses it.
struct Candidate {
    std::string name;
    std::unique_ptr<FailureDetector> (*make)();
};
[[nodiscard]] const std::vector<Candidate>& candidates();

}  // namespace ftcore::testing
