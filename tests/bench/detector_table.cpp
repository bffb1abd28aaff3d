// SPDX-License-Identifier: Apache-2.0
// Prints how failure detectors compare over simulated arrivals, as the table in
// targets/core/detect/README.md. Usage: detector_table [beats] [seed]
#include <cstdint>
#include <cstdlib>

#include <fmt/format.h>

#include "tests/unit/core/detect/traces.hpp"

int main(int argc, char** argv) {
    using namespace ftcore::testing;
    constexpr ftcore::Duration interval = std::chrono::milliseconds(10);
    const std::size_t beats = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
    const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 42;
    fmt::print("{} beats, one every 10 ms, seed {}\n\n", beats, seed);
    fmt::print(
        "| arrivals | detector | detection median | p99 | max | mistakes per hour | one lasts |\n");
    fmt::print("|---|---|---|---|---|---|---|\n");
    for (const Trace kind : all_traces()) {
        for (const Candidate& candidate : candidates()) {
            ftcore::Random random(seed);
            const auto trace = make_trace(kind, beats, interval, random);
            const auto detector = candidate.make();
            const QualityOfService quality = measure(*detector, trace, interval, random);
            fmt::print(
                "| {} | {} | {:.1f} ms | {:.1f} ms | {:.1f} ms | {} | {} |\n",
                name_of(kind),
                candidate.name,
                faultline::milliseconds_of(quality.detection_median),
                faultline::milliseconds_of(quality.detection_p99),
                faultline::milliseconds_of(quality.detection_max),
                quality.mistakes == 0 ? "0" : fmt::format("{:.3g}", quality.mistakes_per_hour),
                quality.mistakes == 0
                    ? "-"
                    : fmt::format("{:.1f} ms", faultline::milliseconds_of(quality.mistake_mean)));
        }
    }
    return 0;
}
