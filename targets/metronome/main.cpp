// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <csignal>
#include <cstdio>
#include <map>
#include <string>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/include/faultline/failpoint.hpp"
#include "targets/metronome/server.hpp"

// The ground truth: a small server that breaks, notices and serves again at instants it was told,
// and keeps its own account of them.

namespace metronome {
namespace {

using faultline::Duration;
using faultline::Instant;

constexpr int exit_usage = 2;

/// The flags as written; texts with units are read when all are there.
struct Flags {
    Settings settings{};
    std::string ready_after{}, fail_at{}, fail_on{}, fail_for{}, failure = "error", detect_after{};
    std::string role{}, watch{}, heartbeat = "10ms", takeover_after = "100ms",
                                 acknowledge_within = "1s";
    std::uint16_t peer_port = 0;
    bool no_replication = false;
    bool list_failpoints = false;
};

const std::map<std::string, int> signals{{"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"HUP", SIGHUP}};
const std::map<std::string, FailureKind> failures{
    {"error", FailureKind::error}, {"silent", FailureKind::silent}, {"close", FailureKind::close}};

void describe(CLI::App& app, Flags& flags) {
    app.description(
        "A server that breaks, notices and recovers exactly when told: the ground truth for "
        "measuring instruments.\nSpeaks a subset of the Redis protocol and HTTP.");
    app.add_option("--port", flags.settings.port, "Redis protocol port; 0: any free one");
    app.add_option("--http-port",
                   flags.settings.http_port,
                   "HTTP port: GET /, /health, /role, /status; 0: any free one");
    app.add_option("--log", flags.settings.log, "append every instant as a JSON line to this file");
    app.add_option("--seed", flags.settings.seed, "seed of what is drawn")->capture_default_str();
    app.add_flag(
        "--list-failpoints", flags.list_failpoints, "print the names of the fail points and end");
    app.add_option("--ready-after", flags.ready_after, "span from the start until it is ready");
    app.add_option("--detect-after",
                   flags.detect_after,
                   "announce exactly this long after the failure, or after the peer was lost");

    app.add_option("--fail-at", flags.fail_at, "fail this long after ready, or after --fail-on")
        ->group("Single");
    app.add_option("--fail-on", flags.fail_on, "fail when this signal comes, each time")
        ->check(CLI::IsMember({"USR1", "USR2", "HUP"}))
        ->group("Single");
    app.add_option(
           "--fail-for",
           flags.fail_for,
           "serve again after 300ms, uniform:200ms..400ms or exponential:300ms; absent: never")
        ->group("Single");
    app.add_option("--failure", flags.failure, "what clients meet while it fails")
        ->check(CLI::IsMember({"error", "silent", "close"}))
        ->capture_default_str()
        ->group("Single");

    app.add_option("--role", flags.role, "place at the start; a peer that leads goes first")
        ->check(CLI::IsMember({"primary", "secondary"}))
        ->group("Pair");
    app.add_option("--peer-port", flags.peer_port, "the other member's --port")->group("Pair");
    app.add_option("--takeover-after", flags.takeover_after, "serve this long after the loss")
        ->capture_default_str()
        ->group("Pair");
    app.add_option(
           "--watch",
           flags.watch,
           "silence of the primary that counts as its loss; absent: only a closed connection")
        ->group("Pair");
    app.add_option("--heartbeat", flags.heartbeat, "how often the primary speaks at least")
        ->capture_default_str()
        ->group("Pair");
    app.add_option("--acknowledge-within",
                   flags.acknowledge_within,
                   "the primary goes on alone when the secondary is behind for longer")
        ->capture_default_str()
        ->group("Pair");
    app.add_flag("--no-replication",
                 flags.no_replication,
                 "do not send writes to the secondary: a takeover loses them")
        ->group("Pair");
}

faultline::Result<Duration> span_of(const char* flag, const std::string& text) {
    auto span = faultline::parse_duration(text);
    if (!span) return faultline::in_context(flag, span.error());
    return *span;
}

faultline::Result<FailurePlan> failure_of(const Flags& flags) {
    FailurePlan plan;
    plan.kind = failures.at(flags.failure);
    if (!flags.fail_on.empty()) plan.trigger_signal = signals.at(flags.fail_on);
    if (!flags.fail_at.empty()) {
        FL_TRY(plan.delay, span_of("--fail-at", flags.fail_at));
    }
    if (!flags.fail_for.empty()) {
        auto lasts = SpanSource::parse(flags.fail_for);
        if (!lasts) return faultline::in_context("--fail-for", lasts.error());
        plan.lasts = *lasts;
    }
    if (!flags.detect_after.empty()) {
        FL_TRY(plan.detect_after, span_of("--detect-after", flags.detect_after));
    }
    return plan;
}

faultline::Result<PairPlan> pair_of(const Flags& flags) {
    PairPlan plan;
    plan.role = flags.role == "secondary" ? PairRole::secondary : PairRole::primary;
    plan.peer_port = flags.peer_port;
    plan.replication = !flags.no_replication;
    FL_TRY(plan.heartbeat, span_of("--heartbeat", flags.heartbeat));
    FL_TRY(plan.takeover_after, span_of("--takeover-after", flags.takeover_after));
    FL_TRY(plan.acknowledge_within, span_of("--acknowledge-within", flags.acknowledge_within));
    if (!flags.watch.empty()) {
        FL_TRY(plan.watch, span_of("--watch", flags.watch));
    }
    if (!flags.detect_after.empty()) {
        FL_TRY(plan.detect_after, span_of("--detect-after", flags.detect_after));
    }
    return plan;
}

faultline::Result<Settings> settings_of(const Flags& flags) {
    Settings settings = flags.settings;
    if (!flags.ready_after.empty()) {
        FL_TRY(settings.ready_after, span_of("--ready-after", flags.ready_after));
    }
    if (!flags.fail_at.empty() || !flags.fail_on.empty() || !flags.fail_for.empty()) {
        FL_TRY(settings.failure, failure_of(flags));
    }
    if (!flags.role.empty()) {
        FL_TRY(settings.pair, pair_of(flags));
    } else if (flags.peer_port != 0) {
        return faultline::fail("--peer-port needs --role primary or --role secondary",
                               faultline::ErrorCode::invalid);
    }
    FL_TRY_VOID(check(settings));
    return settings;
}

/// Signals arrive as events of the poller, between two requests.
faultline::Result<faultline::UniqueFd> block_signals(const Settings& settings) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (settings.failure && settings.failure->trigger_signal) {
        sigaddset(&set, *settings.failure->trigger_signal);
    }
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    faultline::UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd) return faultline::fail_errno("creating a signal descriptor", errno);
    return fd;
}

faultline::Result<> serve(const Settings& settings, Instant program_start) {
    FL_TRY(const faultline::UniqueFd signal_fd, block_signals(settings));
    FL_TRY(auto poller, Poller::open());
    FL_TRY(Chronicle chronicle, Chronicle::open(settings.log));
    Server server(settings, *poller, chronicle);
    const auto watched = poller->watch(signal_fd.get(), EPOLLIN, [&](Poller::Id, std::uint32_t) {
        const Instant at = faultline::now();
        signalfd_siginfo info{};
        if (::read(signal_fd.get(), &info, sizeof info) == ssize_t{sizeof info}) {
            server.on_signal(static_cast<int>(info.ssi_signo), at);
        }
    });
    if (!watched) return tl::unexpected(watched.error());
    FL_TRY_VOID(server.start(program_start));
    FL_TRY_VOID(poller->run());
    if (server.gave_up()) {
        return faultline::fail(
            fmt::format("the peer on port {} neither led nor let this one lead for a minute",
                        settings.pair->peer_port));
    }
    return {};
}

int run(int argc, char** argv) {
    const Instant program_start = faultline::now();
    CLI::App app;
    app.name("metronome");
    Flags flags;
    describe(app, flags);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    if (flags.list_failpoints) {
        for (const std::string& point : faultline::list_failpoints())
            fmt::print("{}\n", point);
        return 0;
    }
    faultline::arm_failpoints_from_environment();
    const auto settings = settings_of(flags);
    if (!settings) {
        fmt::print(stderr, "metronome: {}\n", settings.error().message);
        return exit_usage;
    }
    if (const auto served = serve(*settings, program_start); !served) {
        fmt::print(stderr, "metronome: {}\n", served.error().message);
        return 1;
    }
    return 0;
}

}  // namespace
}  // namespace metronome

int main(int argc, char** argv) {
    return metronome::run(argc, argv);
}
