// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/base/nearest.hpp"
#include "harness/base/units.hpp"
#include "tests/simulation/search/mutations.hpp"
#include "tests/simulation/search/search.hpp"

// Runs the production consensus and log format through seeded worlds of faults and says what broke.

namespace ftcore::simulation {
namespace {

constexpr int exit_clean = 0;
constexpr int exit_broken = 1;
constexpr int exit_usage = 2;

struct Flags {
    std::optional<std::uint64_t> seed{};
    std::string seeds = "1..1000";
    double seconds = 60;
    double minutes_max = 0;
    std::string mutation = "none";
    std::string level{};
    int nodes = 0;
    bool witness = false;
    bool trace = false;
    bool keep_going = false;
    bool outside_only = false;
    unsigned jobs = 0;
};

void describe(CLI::App& app, Flags& flags) {
    app.description(
        "Breaks a simulated group of nodes in every way, in virtual time, and checks after every "
        "event "
        "that the\nfault-tolerance core keeps its promises. The same seed gives the same world.\n"
        "Exit code: 0 nothing broke, 1 something did, 2 wrong usage.");
    auto* seed = app.add_option("--seed", flags.seed, "run this seed only, and describe its world");
    app.add_option("--seeds", flags.seeds, "run these seeds")
        ->capture_default_str()
        ->excludes(seed);
    app.add_option("--seconds", flags.seconds, "virtual length of a world")
        ->capture_default_str()
        ->check(CLI::Range(4.0, 3600.0));
    app.add_option("--nodes", flags.nodes, "1, 3 or 5; drawn when absent")
        ->check(CLI::IsMember({1, 3, 5}));
    app.add_flag("--witness", flags.witness, "the last node is a witness; drawn when absent");
    app.add_option("--level", flags.level, "high, medium or low; drawn when absent")
        ->check(CLI::IsMember({"high", "medium", "low"}));
    app.add_option("--mutation", flags.mutation, "plant this bug in the core; see --help")
        ->capture_default_str();
    app.add_flag("--trace", flags.trace, "with --seed: print every event");
    app.add_flag(
        "--outside-only", flags.outside_only, "leave out the invariants of each server by itself");
    app.add_flag("--keep-going", flags.keep_going, "do not stop at the first broken seed");
    app.add_option("--minutes", flags.minutes_max, "begin no seeds after this time; 0: no limit");
    app.add_option("--jobs", flags.jobs, "worker processes; 0: one per core");
}

std::string list_of_mutations() {
    std::string text = "Bugs to plant:";
    for (const MutationName& one : mutation_names)
        text += fmt::format("\n  {}", one.name);
    return text;
}

Result<std::pair<std::uint64_t, std::uint64_t>> seeds_of(const std::string& text) {
    const std::size_t dots = text.find("..");
    const auto number = [](const std::string& digits) -> std::optional<std::uint64_t> {
        constexpr std::size_t digits_max = 18;
        const bool good = !digits.empty() && digits.size() <= digits_max &&
                          digits.find_first_not_of("0123456789") == std::string::npos;
        if (!good) return std::nullopt;
        return std::stoull(digits);
    };
    const auto first = number(text.substr(0, dots));
    const auto last = dots == std::string::npos ? std::nullopt : number(text.substr(dots + 2));
    if (!first || !last || *first > *last) {
        return faultline::fail(
            fmt::format("--seeds {}: write FROM..TO, for example 1..2000", text));
    }
    return std::pair{*first, *last};
}

Result<Mutation> mutation_of(const std::string& name) {
    if (const auto mutation = mutation_named(name)) return *mutation;
    std::vector<std::string> names;
    for (const MutationName& one : mutation_names)
        names.emplace_back(one.name);
    return faultline::fail(
        fmt::format("--mutation {}: no such bug{}", name, faultline::suggestion(name, names)));
}

Wanted wanted_of(const Flags& flags) {
    Wanted wanted;
    wanted.length = faultline::duration_of_seconds(flags.seconds);
    if (flags.nodes != 0) wanted.nodes = flags.nodes;
    if (flags.witness) wanted.witness = true;
    wanted.look_inside = !flags.outside_only;
    if (flags.level == "high") wanted.level = Level::high;
    if (flags.level == "medium") wanted.level = Level::medium;
    if (flags.level == "low") wanted.level = Level::low;
    return wanted;
}

std::string replay_command(const Flags& flags, std::uint64_t seed) {
    std::string command = fmt::format("simulate --seed {} --seconds {}", seed, flags.seconds);
    if (flags.nodes != 0) command += fmt::format(" --nodes {}", flags.nodes);
    if (flags.witness) command += " --witness";
    if (!flags.level.empty()) command += " --level " + flags.level;
    if (flags.outside_only) command += " --outside-only";
    if (flags.mutation != "none") command += " --mutation " + flags.mutation;
    return command;
}

void print_failure(const Flags& flags, const Report& report) {
    fmt::print("seed {} broke \"{}\" after {:.6f} virtual seconds:\n  {}\n  again: {}\n",
               report.seed,
               report.property,
               faultline::seconds_of(report.when),
               report.how,
               replay_command(flags, report.seed));
}

void print_counts(const Counts& counts) {
    std::string line;
    for (std::size_t kind = 0; kind < count_kinds; ++kind) {
        line += fmt::format("{}{} {}",
                            line.empty() ? "  " : ", ",
                            faultline::format_count(counts[static_cast<Count>(kind)]),
                            count_names[kind]);
        constexpr std::size_t width = 90;
        if (line.size() < width) continue;
        fmt::print("{}\n", line);
        line.clear();
    }
    if (!line.empty()) fmt::print("{}\n", line);
}

int run_one(const Flags& flags, const Wanted& wanted) {
    const Plan plan = draw_plan(*flags.seed, wanted);
    fmt::print("seed {}\n{}\n", plan.seed, describe(plan));
    std::fflush(stdout);  // the seed is there even if the code aborts
    const Report report = run_seed(plan.seed, wanted, flags.trace ? stdout : nullptr);
    print_counts(report.counts);
    fmt::print("trace {:016x}\n", report.trace_hash);
    if (report.clean()) return exit_clean;
    print_failure(flags, report);
    return exit_broken;
}

int run_many(const Flags& flags, SearchSettings settings) {
    settings.keep_going = flags.keep_going;
    settings.jobs =
        flags.jobs != 0 ? flags.jobs : std::max(1U, std::thread::hardware_concurrency());
    settings.time_max = faultline::duration_of_seconds(flags.minutes_max * 60);
    const auto rate = [](const SearchResult& result) {
        return static_cast<double>(result.seeds) /
               std::max(0.001, faultline::seconds_of(result.took));
    };
    const auto result = search(settings, [&](const SearchResult& so_far) {
        fmt::print(stderr,
                   "\r{} seeds, {:.1f}/s, {} broken ",
                   so_far.seeds,
                   rate(so_far),
                   so_far.failures.size());
    });
    if (!result) {
        fmt::print(stderr, "simulate: {}\n", result.error().message);
        return exit_usage;
    }
    fmt::print(stderr, "\r");
    for (const Report& report : result->failures)
        print_failure(flags, report);
    fmt::print("{} seeds of {} s, {:.1f} seeds/s with {} workers, {} broken\n",
               result->seeds,
               flags.seconds,
               rate(*result),
               settings.jobs,
               result->failures.size());
    print_counts(result->counts);
    return result->failures.empty() ? exit_clean : exit_broken;
}

int run(int argc, char** argv) {
    CLI::App app;
    app.name("simulate");
    Flags flags;
    describe(app, flags);
    app.footer(list_of_mutations());
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_clean : exit_usage;
    }
    const auto mutation = mutation_of(flags.mutation);
    const auto seeds = seeds_of(flags.seeds);
    if (!mutation || !seeds) {
        fmt::print(
            stderr, "simulate: {}\n", !mutation ? mutation.error().message : seeds.error().message);
        return exit_usage;
    }
    active_mutation = *mutation;
    const Wanted wanted = wanted_of(flags);
    if (flags.seed) return run_one(flags, wanted);
    return run_many(flags, {.first = seeds->first, .last = seeds->second, .wanted = wanted});
}

}  // namespace
}  // namespace ftcore::simulation

int main(int argc, char** argv) {
    return ftcore::simulation::run(argc, argv);
}
