// SPDX-License-Identifier: Apache-2.0
// Writes made-up result directories, large ones too:
//   make_runs --trials 1000 --out DIR [--control 2] [--operations N per trial] [--runs K] [--seed
//   S]
//             [--recovery MS] [--detection MS] [--success SHARE] [--spread SHARE] [--masked SHARE]
//             [--unrecovered SHARE] [--losing SHARE] [--name SCENARIO] [--started ISO8601]
// With --runs K there are K directories below DIR, with seeds S, S + 1, ...
#include <cstdio>
#include <functional>
#include <map>
#include <string>

#include <fmt/format.h>

#include "tests/bench/synthetic_run.hpp"

namespace faultline {
namespace {

struct Asked {
    SyntheticOptions options{};
    std::filesystem::path out{};
    int runs = 1;
};

bool parse(int argc, char** argv, Asked& asked) {
    SyntheticOptions& options = asked.options;
    using Setter = std::function<void(const std::string&)>;
    const auto number = [](double& value) {
        return [&value](const std::string& text) { value = std::stod(text); };
    };
    const auto whole = [](int& value) {
        return [&value](const std::string& text) { value = std::stoi(text); };
    };
    const std::map<std::string, Setter> setters{
        {"--trials", whole(options.trials)},
        {"--control", whole(options.control)},
        {"--runs", whole(asked.runs)},
        {"--seed", [&](const std::string& text) { options.seed = std::stoull(text); }},
        {"--operations", [&](const std::string& text) { options.operations = std::stoul(text); }},
        {"--recovery", number(options.recovery_ms)},
        {"--detection", number(options.detection_ms)},
        {"--success", number(options.success_rate)},
        {"--spread", number(options.spread)},
        {"--masked", number(options.masked)},
        {"--unrecovered", number(options.unrecovered)},
        {"--losing", number(options.losing)},
        {"--name", [&](const std::string& text) { options.name = text; }},
        {"--started", [&](const std::string& text) { options.started = text; }},
        {"--out", [&](const std::string& text) { asked.out = text; }}};
    for (int at = 1; at + 1 < argc; at += 2) {
        const auto found = setters.find(argv[at]);
        if (found == setters.end()) return false;
        found->second(argv[at + 1]);
    }
    return argc % 2 == 1 && !asked.out.empty();
}

int make(const Asked& asked) {
    for (int index = 0; index < asked.runs; ++index) {
        SyntheticOptions options = asked.options;
        options.seed += static_cast<std::uint64_t>(index);
        const auto directory = asked.runs == 1
                                   ? asked.out
                                   : asked.out / fmt::format("{}-{}", options.name, options.seed);
        if (auto written = write_synthetic_run(options, directory); !written) {
            fmt::print(stderr, "make_runs: {}\n", written.error().message);
            return 1;
        }
    }
    return 0;
}

}  // namespace
}  // namespace faultline

int main(int argc, char** argv) {
    faultline::Asked asked;
    try {
        if (faultline::parse(argc, argv, asked)) return faultline::make(asked);
    } catch (const std::exception&) {
        // a number that is none
    }
    std::fputs("usage: make_runs --trials N --out DIR [--runs K] ... (see report_runs.cpp)\n",
               stderr);
    return 2;
}
