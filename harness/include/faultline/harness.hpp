// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// A scenario run from C++ code, and what it measured. C++17; link faultline::harness.

namespace faultline::harness {

/// Units: nanoseconds.
using Span = std::chrono::nanoseconds;

/// Which process breaks things and measures.
enum class Where {
    /// A `faultline` of its own, as on the command line: works in any program, with threads too.
    program,
    /// This one. No other thread may run yet, and this process becomes the parent of all that its
    /// targets leave behind.
    this_process,
};

struct Options {
    std::optional<int> trials{}, control{};  // over the scenario's own numbers
    std::optional<std::uint64_t> seed{};
    std::map<std::string, std::string> set{};  // parameters, or JSON pointers: /load/rate → 500/s
    std::string results{};     // result directory; empty: results/<scenario>-<time>-<id>
    std::string bin_folder{};  // what ${bin} means; empty: where the `faultline` program is
    Where where = Where::program;
    Span patience = std::chrono::hours(1);  // for the whole run; Where::program only
#ifdef FAULTLINE_INSTALLED_PROGRAM
    std::string program = FAULTLINE_INSTALLED_PROGRAM;  // $FAULTLINE_PROGRAM comes first
#else
    std::string program = "faultline";  // $FAULTLINE_PROGRAM comes first
#endif
};

/// What one injection cost.
struct Injection {
    std::string id, fault;
    std::vector<std::string> on{};  // the instances it hit
    bool effective = false;         // its effect was proven
    std::optional<Span> detection_time{};
    std::string detected_by{};
    std::optional<Span> recovery_time{};
    bool masked = false;    // no operation was bad
    bool censored = false;  // not recovered by the deadline
    Span watched_for{};     // how long recovery was waited for
    Span downtime{};
    std::optional<double> success_rate{};
    std::string diagnosis{};
};

struct Trial {
    int number = 0;
    bool control = false;
    bool counts = false;    // false: unhealthy, ineffective, disturbed...
    std::string outcome{};  // "pass", "unhealthy", ...
    std::string reason{};   // why not pass
    std::vector<Injection> injections{};
    std::optional<std::uint64_t> lost_writes{};  // absent: not checked
    std::optional<std::uint64_t> stale_reads{};  // absent: no read was checked
    std::uint64_t false_detections = 0;
};

/// A time across the trials that count. Absent: none, or among those that were never seen.
struct Spread {
    std::size_t count = 0, censored = 0;
    std::optional<Span> p50{}, p95{}, max{};
};

struct Expectation {
    std::string text;
    std::string verdict;  // "pass", "fail", "inconclusive"
    std::string explanation{};
};

struct Run {
    std::string error{};      // why nothing was run; empty: it was
    std::string scenario{};   // name
    std::string outcome{};    // "pass", "fail", "inconclusive", ...
    std::string reason{};     // one sentence
    std::string directory{};  // of the results
    std::uint64_t seed = 0;
    std::vector<Trial> trials{};
    Spread detection_time{}, recovery_time{};  // of the first injection
    std::optional<double> success_rate{};      // mean
    std::vector<Expectation> expectations{};
};

/// Runs a scenario file, which must be one case: give its parameters values through `set`.
/// Errors: in `Run::error`; what was measured is never an error.
[[nodiscard]] Run run_file(const std::string& file, const Options& options = {});

/// The same from JSON text. "extends" starts from the current folder.
[[nodiscard]] Run run_text(const std::string& json, const Options& options = {});

}  // namespace faultline::harness
