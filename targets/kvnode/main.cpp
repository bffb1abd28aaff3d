// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdio>

#include "faultline/failpoint.hpp"
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "targets/core/levels/command_line.hpp"
#include "targets/core/levels/level.hpp"
#include "targets/core/supervise/heartbeat.hpp"
#include "targets/kvnode/command.hpp"
#include "targets/kvnode/metrics.hpp"
#include "targets/kvnode/server.hpp"
#include "targets/kvnode/settings.hpp"

namespace {

constexpr int exit_usage = 2;
constexpr int exit_failed = 1;
/// The node cannot go on by itself; a supervisor should start it again. Source: sysexits.h
/// (EX_TEMPFAIL).
constexpr int exit_restart = 75;

void print_help() {
    fmt::print(
        "kvnode: a replicated key-value store that speaks the Redis protocol\n\n"
        "  kvnode FILE [--name value...]   run with the settings of FILE; options win\n"
        "  kvnode --check FILE             only check the settings\n"
        "  kvnode --example                print a commented configuration\n"
        "  kvnode --list-failpoints        print the places where faults can be injected\n"
        "  kvnode --version | --help\n\n"
        "A group has 1, 3 or 5 nodes. On this machine, three of them:\n\n"
        "  for n in 1 2 3; do kvnode --node $n --folder data-$n \\\n"
        "    --member \"1 127.0.0.1:7101 127.0.0.1:7001\" \\\n"
        "    --member \"2 127.0.0.1:7102 127.0.0.1:7002\" \\\n"
        "    --member \"3 127.0.0.1:7103 127.0.0.1:7003\" & done\n"
        "  redis-cli -p 7001 role\n\n"
        "Settings, in the file as `name value`, here as `--name value`:\n\n{}\n"
        "Levels:\n\n{}\n"
        "Commands: ",
        ftcore::help_text(kvnode::setting_table()),
        ftcore::describe_levels());
    for (const kvnode::CommandInfo& command : kvnode::commands())
        fmt::print("{} ", command.name);
    fmt::print(
        "\n\nSignals: TERM and INT hand the lead over and stop; a second one stops at once.\n"
        "Exit codes: 0 stopped, 1 could not run, 2 bad settings, 75 start me again.\n");
}

int print_failpoints() {
    for (const std::string& point : faultline::list_failpoints())
        fmt::print("{}\n", point);
    return 0;
}

/// The process: a loop, a node, its doors, and an orderly end.
class Program {
  public:
    explicit Program(kvnode::Settings settings) : settings_(std::move(settings)) {}

    [[nodiscard]] faultline::Result<int> run() {
        FL_TRY(const auto node, ftcore::Node::open(loop_, settings_.node, store_));
        kvnode::Service service{.node = *node,
                                .store = store_,
                                .settings = settings_.service,
                                .started = faultline::now()};
        const ftcore::NodeAddress& self = own_address();
        FL_TRY(server_,
               kvnode::Server::listen(loop_, self.host_for_clients(), self.client_port, service));
        std::unique_ptr<kvnode::MetricsServer> metrics;
        if (settings_.metrics_port) {
            FL_TRY(metrics,
                   kvnode::MetricsServer::listen(
                       loop_, self.host_for_clients(), *settings_.metrics_port, service));
        }
        node->on_fatal([this](const std::string& reason) {
            fmt::print(stderr, "kvnode: {}: ends, to be started again\n", reason);
            exit_code_ = exit_restart;
            loop_.stop();
        });
        wait_for_signal(*node);
        beat();
        loop_.run();
        server_.reset();
        return exit_code_;
    }

  private:
    [[nodiscard]] const ftcore::NodeAddress& own_address() const {
        for (const ftcore::NodeAddress& member : settings_.node.members) {
            if (member.id == settings_.node.self) return member;
        }
        return settings_.node.members.front();  // not reached: decode_settings has checked it
    }

    void wait_for_signal(ftcore::Node& node) {
        signals_.async_wait([this, &node](boost::system::error_code error, int) {
            if (error) return;
            if (std::exchange(stopping_, true)) return loop_.stop();
            wait_for_signal(node);
            node.stop([this] { drain(); });
        });
    }

    /// Clients that still talk to us are told where to go; those that are silent have nothing to
    /// lose.
    void drain() {
        drain_timer_.expires_after(settings_.drain);
        drain_timer_.async_wait([this](boost::system::error_code error) {
            if (error) return;
            server_->stop_listening();
            server_->drain([this] { loop_.stop(); });
        });
    }

    /// For a supervisor: a loop that turns is a node that lives.
    void beat() {
        const std::int64_t period = ftcore::beat_interval_ns();
        if (period == 0) return;
        static_cast<void>(ftcore::beat_supervisor());  // a full socket loses one beat, not our life
        beat_timer_.expires_after(std::chrono::nanoseconds(period));
        beat_timer_.async_wait([this](boost::system::error_code error) {
            if (!error) beat();
        });
    }

    const kvnode::Settings settings_;
    boost::asio::io_context loop_{1};
    boost::asio::signal_set signals_{loop_, SIGTERM, SIGINT};
    boost::asio::steady_timer drain_timer_{loop_};
    boost::asio::steady_timer beat_timer_{loop_};
    kvnode::Store store_;
    std::unique_ptr<kvnode::Server> server_;
    int exit_code_ = 0;
    bool stopping_ = false;
};

int run_kvnode(const ftcore::CommandLine& line) {
    ftcore::SettingsRead read =
        ftcore::read_settings(kvnode::setting_table(), line.file, line.options);
    kvnode::Settings settings;
    if (read.mistakes.empty()) settings = kvnode::decode_settings(read);
    for (const std::string& mistake : read.mistakes)
        fmt::print(stderr, "kvnode: {}\n", mistake);
    if (!read.mistakes.empty()) {
        fmt::print(
            stderr,
            "kvnode --help explains every setting, kvnode --example prints a file to start from\n");
        return exit_usage;
    }
    if (line.asked == ftcore::Asked::check) {
        fmt::print("the settings are right\n");
        return 0;
    }
    faultline::arm_failpoints_from_environment();
    auto result = Program(std::move(settings)).run();
    if (result) return *result;
    fmt::print(stderr, "kvnode: {}\n", result.error().message);
    return exit_failed;
}

}  // namespace

int main(int argument_count, char** arguments) {
    std::signal(SIGPIPE, SIG_IGN);
    if (argument_count == 2 && std::string_view(arguments[1]) == "--list-failpoints")
        return print_failpoints();
    const ftcore::CommandLine line = ftcore::read_command_line(argument_count, arguments);
    switch (line.asked) {
        case ftcore::Asked::help:
            print_help();
            return 0;
        case ftcore::Asked::example:
            fmt::print(
                "{}",
                ftcore::example_text(kvnode::setting_table(), "A kvnode of a group of three."));
            return 0;
        case ftcore::Asked::version:
            fmt::print("kvnode {}\n", FAULTLINE_VERSION);
            return 0;
        case ftcore::Asked::run:
        case ftcore::Asked::check:
            return run_kvnode(line);
    }
    return 0;
}
