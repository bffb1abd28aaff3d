// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/metronome_program.hpp"

namespace faultline::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::int64_t millisecond = 1'000'000;

std::int64_t at(const Instants& facts) {
    return nanoseconds_in(facts, "at");
}
std::int64_t planned(const Instants& facts) {
    return nanoseconds_in(facts, "planned");
}

/// Two members of a pair that know each other.
struct PairFlags {
    ReservedPort primary_port;
    ReservedPort secondary_port;
    std::vector<std::string> extra{"--detect-after", "20ms", "--takeover-after", "50ms"};

    [[nodiscard]] std::vector<std::string> of(const std::string& role) const {
        const bool first = role == "primary";
        std::vector<std::string> flags{"--role",
                                       role,
                                       "--port",
                                       (first ? primary_port : secondary_port).text(),
                                       "--peer-port",
                                       (first ? secondary_port : primary_port).text()};
        flags.insert(flags.end(), extra.begin(), extra.end());
        return flags;
    }
};

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "metronome-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::filesystem::path path;
};

// ---- the protocols

TEST(Metronome, AnswersWhatRedisClientsAskFirst) {
    Metronome metronome({});
    const std::uint16_t port = metronome.port();
    metronome.wait_for("ready");
    EXPECT_EQ(ask(port, {"ping"}), "+PONG");
    EXPECT_THAT(ask(port, {"HELLO", "3"}), StartsWith("-NOPROTO"));
    EXPECT_EQ(ask(port, {"CLIENT", "SETNAME", "a"}), "+OK");
    EXPECT_EQ(ask(port, {"CONFIG", "GET", "save"}), "*0");
    EXPECT_EQ(ask(port, {"COMMAND"}), "*0");
    EXPECT_EQ(ask(port, {"INFO"}), "# Server");
    EXPECT_EQ(ask(port, {"ROLE"}), "*3");
    EXPECT_EQ(ask(port, {"FLUSHALL"}), "+OK");
}

TEST(Metronome, AnswersPipelinedRequestsInOrder) {
    Metronome metronome({});
    Client client(metronome.port());
    metronome.wait_for("ready");
    client.send(request_of({"SET", "k", "1"}) + request_of({"INCR", "k"}) +
                request_of({"APPEND", "k", "0"}) + request_of({"GET", "k"}) +
                request_of({"EXISTS", "k", "other"}) + request_of({"DEL", "k"}) +
                request_of({"GET", "k"}) + request_of({"ECHO", "done"}));
    EXPECT_EQ(client.receive_until("done\r\n"),
              "+OK\r\n:2\r\n:2\r\n$2\r\n20\r\n:1\r\n:1\r\n$-1\r\n$4\r\ndone\r\n");
}

TEST(Metronome, AnswersARequestOnALine) {
    Metronome metronome({});
    Client client(metronome.port());
    metronome.wait_for("ready");
    client.send("set k  1\r\nGET k\r\n\r\necho done\n");
    EXPECT_EQ(client.receive_until("done\r\n"), "+OK\r\n$1\r\n1\r\n$4\r\ndone\r\n");
}

TEST(Metronome, SaysNoAsRedisDoes) {
    Metronome metronome({});
    const std::uint16_t port = metronome.port();
    metronome.wait_for("ready");
    EXPECT_THAT(ask(port, {"LPUSH", "k", "v"}), StartsWith("-ERR unknown command 'LPUSH'"));
    EXPECT_THAT(ask(port, {"GET"}), StartsWith("-ERR wrong number of arguments"));
    EXPECT_EQ(ask(port, {"SET", "k", "text"}), "+OK");
    EXPECT_THAT(ask(port, {"INCR", "k"}), StartsWith("-ERR value is not an integer"));
    Client broken(port);
    broken.send("*1\r\n:4\r\n");
    EXPECT_EQ(broken.receive_until("the end"), "-ERR Protocol error: expected '$', got ':'\r\n");
}

TEST(Metronome, ServesWebPages) {
    Metronome metronome({"--http-port", "0"});
    const std::uint16_t port = metronome.http_port();
    metronome.wait_for("ready");
    EXPECT_THAT(http_get(port, "/"), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(http_get(port, "/health"), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(http_get(port, "/role"), HasSubstr(R"({"role":"master"})"));
    EXPECT_THAT(http_get(port, "/status"), HasSubstr(R"({"what":"ready","at_ns":)"));
    EXPECT_THAT(http_get(port, "/absent"), StartsWith("HTTP/1.1 404 "));
}

TEST(Metronome, IsReadyWhenTold) {
    Metronome metronome({"--ready-after", "300ms"});
    const std::uint16_t port = metronome.port();
    EXPECT_THAT(ask(port, {"PING"}), StartsWith("-LOADING"));
    metronome.wait_for("ready");
    EXPECT_EQ(ask(port, {"PING"}), "+PONG");
}

// ---- failing alone

TEST(SingleMetronome, FailsNoticesAndServesAgainAtTheInstantsItWasTold) {
    Metronome metronome({"--fail-at", "100ms", "--fail-for", "200ms", "--detect-after", "80ms"});
    const Instants ready = metronome.wait_for("ready");
    const Instants failed = metronome.wait_for("failed");
    const Instants detected = metronome.wait_for("detected");
    const Instants recovered = metronome.wait_for("recovered");
    EXPECT_EQ(planned(failed) - at(ready), 100 * millisecond);
    EXPECT_EQ(planned(detected) - at(failed), 80 * millisecond);
    EXPECT_EQ(planned(recovered) - at(failed), 200 * millisecond);
    EXPECT_GE(at(failed), planned(failed));
    EXPECT_GE(at(detected), planned(detected));
    EXPECT_GE(at(recovered), planned(recovered));
}

TEST(SingleMetronome, AnswersErrorsWhileItFails) {
    Metronome metronome({"--fail-on", "USR1", "--fail-for", "200ms", "--http-port", "0"});
    Client client(metronome.port());
    const std::uint16_t http_port = metronome.http_port();
    metronome.wait_for("ready");
    EXPECT_EQ(client.ask({"SET", "k", "v"}), "+OK");
    metronome.send_signal(SIGUSR1);
    metronome.wait_for("failed");
    EXPECT_THAT(client.ask({"GET", "k"}), StartsWith("-ERR metronome is failing"));
    EXPECT_THAT(http_get(http_port, "/"), StartsWith("HTTP/1.1 503 "));
    metronome.wait_for("recovered");
    EXPECT_EQ(client.ask({"GET", "k"}), "v");
    EXPECT_THAT(http_get(http_port, "/"), StartsWith("HTTP/1.1 200 "));
}

TEST(SingleMetronome, AnswersWhatWaitedWhenASilentFailureEnds) {
    Metronome metronome({"--fail-on", "USR1", "--fail-for", "200ms", "--failure", "silent"});
    Client client(metronome.port());
    metronome.wait_for("ready");
    metronome.send_signal(SIGUSR1);
    metronome.wait_for("failed");
    EXPECT_EQ(client.ask({"PING"}), "+PONG");
    const Instant answered = now();
    EXPECT_GE(nanoseconds_of(answered), at(metronome.wait_for("recovered")));
}

TEST(SingleMetronome, RefusesConnectionsWhenItIsClosed) {
    Metronome metronome({"--fail-on", "USR1", "--fail-for", "200ms", "--failure", "close"});
    Client client(metronome.port());
    metronome.wait_for("ready");
    EXPECT_EQ(client.ask({"PING"}), "+PONG");
    metronome.send_signal(SIGUSR1);
    metronome.wait_for("failed");
    EXPECT_EQ(client.ask({"PING"}), "");
    EXPECT_FALSE(Client(metronome.port()).connected());
    metronome.wait_for("recovered");
    EXPECT_EQ(ask(metronome.port(), {"PING"}), "+PONG");
}

TEST(SingleMetronome, ShowsTheDetectionInItsRole) {
    // It never recovers, so that nothing here depends on being quick.
    Metronome metronome({"--fail-on", "USR1", "--detect-after", "300ms", "--http-port", "0"});
    const std::uint16_t port = metronome.port();
    const std::uint16_t http_port = metronome.http_port();
    metronome.wait_for("ready");
    Client client(port);
    client.send(request_of({"ROLE"}));
    EXPECT_THAT(client.receive_until("*0\r\n"), HasSubstr("master"));
    metronome.send_signal(SIGUSR1);
    metronome.wait_for("detected");
    client.send(request_of({"ROLE"}));
    EXPECT_THAT(client.receive_until("*0\r\n"), HasSubstr("failed"));
    EXPECT_THAT(http_get(http_port, "/role"), HasSubstr(R"({"role":"failed"})"));
}

std::vector<std::int64_t> drawn_spans(const std::string& spans, const std::string& seed) {
    Metronome metronome({"--fail-on", "USR1", "--fail-for", spans, "--seed", seed});
    metronome.wait_for("ready");
    std::vector<std::int64_t> drawn;
    for (int i = 0; i < 4; ++i) {
        metronome.send_signal(SIGUSR1);
        drawn.push_back(nanoseconds_in(metronome.wait_for("failed"), "lasts_ns"));
        metronome.wait_for("recovered");
    }
    return drawn;
}

TEST(SingleMetronome, DrawsTheSameSpansFromTheSameSeed) {
    for (const std::string spans : {"uniform:1ms..9ms", "exponential:2ms"}) {
        const auto first = drawn_spans(spans, "7");
        EXPECT_EQ(drawn_spans(spans, "7"), first);
        EXPECT_NE(drawn_spans(spans, "8"), first);
    }
    for (const std::int64_t span : drawn_spans("uniform:1ms..9ms", "9")) {
        EXPECT_GE(span, 1 * millisecond);
        EXPECT_LE(span, 9 * millisecond);
    }
}

TEST(SingleMetronome, SendsItsInstantsToTheHarness) {
    TemporaryFolder folder;
    const std::string path = folder.path / "events";
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const auto next_event = [&socket] {
        std::array<char, 4096> datagram{};
        const ssize_t count = ::recv(socket.get(), datagram.data(), datagram.size(), 0);
        return std::string(datagram.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    };

    Metronome metronome({"--fail-at", "1ms", "--fail-for", "20ms", "--detect-after", "10ms"},
                        {{"FAULTLINE_EVENTS", path}, {"FAULTLINE_INSTANCE", "kv[0]"}});
    EXPECT_THAT(next_event(), HasSubstr(R"("event":"ready")"));
    const std::string detected_at = metronome.wait_for("detected").at("at");
    const std::string detected = next_event();
    EXPECT_THAT(detected, HasSubstr(R"("event":"detected")"));
    EXPECT_THAT(detected, HasSubstr(R"("at":)" + detected_at));
    EXPECT_THAT(detected, HasSubstr(R"("about":"kv[0]")"));
    EXPECT_THAT(next_event(), HasSubstr(R"("event":"recovered")"));
}

TEST(SingleMetronome, KeepsItsAccountInAFile) {
    TemporaryFolder folder;
    const std::string log = folder.path / "log.jsonl";
    Metronome metronome({"--log", log, "--fail-at", "1ms", "--fail-for", "5ms"});
    const std::string failed_at = metronome.wait_for("failed").at("at");
    metronome.wait_for("recovered");
    metronome.send_signal(SIGTERM);
    EXPECT_EQ(metronome.wait_exit().code, 0);
    const auto text = read_file(log);
    ASSERT_TRUE(text);
    EXPECT_THAT(*text, HasSubstr(R"({"what":"failed","at_ns":)" + failed_at));
    EXPECT_THAT(*text, HasSubstr(R"("what":"stopped")"));
}

// ---- the pair

TEST(MetronomePair, TakesOverExactlyWhenToldAfterThePrimaryDied) {
    const PairFlags flags;
    Metronome primary(flags.of("primary"));
    Metronome secondary(flags.of("secondary"));
    primary.wait_for("ready");
    secondary.wait_for("ready");
    EXPECT_EQ(ask(flags.primary_port.number(), {"SET", "k", "v"}), "+OK");
    EXPECT_THAT(ask(flags.secondary_port.number(), {"SET", "k", "w"}), StartsWith("-READONLY"));
    const std::int64_t killed = nanoseconds_of(now());
    primary.send_signal(SIGKILL);
    const Instants lost = secondary.wait_for("peer_lost");
    const Instants detected = secondary.wait_for("detected");
    const Instants recovered = secondary.wait_for("recovered");
    EXPECT_GE(at(lost), killed);
    EXPECT_EQ(planned(detected) - at(lost), 20 * millisecond);
    EXPECT_EQ(planned(recovered) - at(lost), 50 * millisecond);
    EXPECT_GE(at(recovered), planned(recovered));
    EXPECT_EQ(lost.at("cause"), "crash");
    EXPECT_EQ(ask(flags.secondary_port.number(), {"GET", "k"}), "v");
    EXPECT_EQ(ask(flags.secondary_port.number(), {"SET", "k", "w"}), "+OK");
}

/// Increments a counter on the primary until its connection ends; answers the last value it was
/// told.
std::int64_t increment_until_killed(Metronome& primary, std::uint16_t port) {
    constexpr int before_kill = 200;
    Client client(port);
    std::int64_t acknowledged = 0;
    for (int i = 0;; ++i) {
        // Killed with requests under way: the one that matters is never at a known place.
        if (i == before_kill) primary.send_signal(SIGKILL);
        const std::string reply = client.ask({"INCR", "n"});
        if (!reply.starts_with(':')) return acknowledged;
        acknowledged = std::stoll(reply.substr(1));
    }
}

TEST(MetronomePair, LosesNoAcknowledgedWrite) {
    const PairFlags flags;
    Metronome primary(flags.of("primary"));
    Metronome secondary(flags.of("secondary"));
    secondary.wait_for("ready");
    const std::int64_t acknowledged = increment_until_killed(primary, flags.primary_port.number());
    EXPECT_GE(acknowledged, 200);
    secondary.wait_for("recovered");
    const std::string left = ask(flags.secondary_port.number(), {"GET", "n"});
    EXPECT_GE(std::stoll(left), acknowledged);
    EXPECT_LE(std::stoll(left), acknowledged + 1);
}

TEST(MetronomePair, LosesItsWritesWithoutReplication) {
    PairFlags flags;
    flags.extra.emplace_back("--no-replication");
    Metronome primary(flags.of("primary"));
    Metronome secondary(flags.of("secondary"));
    secondary.wait_for("ready");
    EXPECT_GE(increment_until_killed(primary, flags.primary_port.number()), 200);
    secondary.wait_for("recovered");
    EXPECT_EQ(ask(flags.secondary_port.number(), {"GET", "n"}), "$-1");
}

TEST(MetronomePair, TakesOverFromAFrozenPrimaryWhichThenStepsDown) {
    PairFlags flags;
    flags.extra.insert(flags.extra.end(), {"--watch", "200ms"});
    Metronome primary(flags.of("primary"));
    Metronome secondary(flags.of("secondary"));
    secondary.wait_for("ready");
    EXPECT_EQ(ask(flags.primary_port.number(), {"SET", "k", "old"}), "+OK");
    primary.send_signal(SIGSTOP);
    EXPECT_EQ(secondary.wait_for("peer_lost").at("cause"), "hang");
    secondary.wait_for("recovered");
    EXPECT_EQ(ask(flags.secondary_port.number(), {"SET", "k", "new"}), "+OK");
    // A write that waits in the frozen primary's socket must not be acknowledged when it wakes up.
    Client late(flags.primary_port.number());
    late.send(request_of({"SET", "k", "late"}));
    primary.send_signal(SIGCONT);
    EXPECT_THAT(late.receive_until("\r\n"), ::testing::Not(StartsWith("+OK")));
    primary.wait_for("joined");
    EXPECT_EQ(ask(flags.primary_port.number(), {"GET", "k"}), "new");
    EXPECT_THAT(ask(flags.primary_port.number(), {"SET", "k", "x"}), StartsWith("-READONLY"));
}

TEST(MetronomePair, GoesOnAloneWhenTheSecondaryDies) {
    const PairFlags flags;
    Metronome primary(flags.of("primary"));
    Metronome secondary(flags.of("secondary"));
    secondary.wait_for("ready");
    Client client(flags.primary_port.number());
    EXPECT_EQ(client.ask({"INCR", "n"}), ":1");
    secondary.send_signal(SIGKILL);
    EXPECT_EQ(client.ask({"INCR", "n"}), ":2");
    primary.wait_for("alone");
    EXPECT_EQ(client.ask({"INCR", "n"}), ":3");
    EXPECT_EQ(primary.wait_for("detected").at("about"), "secondary");
}

TEST(MetronomePair, DropsASecondaryThatIsTooSlowAndTakesItBack) {
    PairFlags flags;
    flags.extra.insert(flags.extra.end(), {"--acknowledge-within", "100ms"});
    Metronome primary(flags.of("primary"));
    Metronome secondary(flags.of("secondary"));
    secondary.wait_for("ready");
    secondary.send_signal(SIGSTOP);
    EXPECT_EQ(ask(flags.primary_port.number(), {"INCR", "n"}), ":1");
    primary.wait_for("alone");
    secondary.send_signal(SIGCONT);
    secondary.wait_for("dropped");
    secondary.wait_for("joined");
    EXPECT_EQ(ask(flags.secondary_port.number(), {"GET", "n"}), "1");
}

TEST(MetronomePair, LetsARestartedPrimaryFollow) {
    const PairFlags flags;
    Metronome secondary(flags.of("secondary"));
    {
        Metronome primary(flags.of("primary"));
        secondary.wait_for("ready");
        EXPECT_EQ(ask(flags.primary_port.number(), {"SET", "k", "v"}), "+OK");
    }
    // Started before the takeover: it must wait for it, for its own memory is empty.
    Metronome primary(flags.of("primary"));
    EXPECT_EQ(primary.wait_for("ready").at("role"), "secondary");
    EXPECT_EQ(ask(flags.primary_port.number(), {"GET", "k"}), "v");
    EXPECT_THAT(ask(flags.primary_port.number(), {"SET", "k", "w"}), StartsWith("-READONLY"));
    EXPECT_EQ(ask(flags.secondary_port.number(), {"SET", "k", "w"}), "+OK");
}

// ---- the program

struct BadFlags {
    std::vector<std::string> flags;
    std::string message;
};

TEST(MetronomeProgram, RefusesFlagsThatMakeNoSense) {
    const std::vector<BadFlags> cases{
        {{"--fail-at", "2"}, "--fail-at: \"2\" is not a number followed by"},
        {{"--fail-for", "300ms"}, "nothing starts the failure"},
        {{"--fail-at", "1s", "--fail-for", "uniform:2s..1s"}, "the lower end is above"},
        {{"--fail-at", "1s", "--fail-for", "normal:2s"}, "is not a span; write"},
        {{"--failure", "loud"}, "error,silent,close"},
        {{"--role", "primary"}, "--role needs --peer-port"},
        {{"--peer-port", "5"}, "--peer-port needs --role"},
        {{"--role", "primary", "--peer-port", "5", "--fail-at", "1s"}, "for a single metronome"},
        {{"--role", "secondary", "--peer-port", "5", "--watch", "5ms"}, "less than two heartbeats"},
        {{"--role", "secondary", "--peer-port", "5", "--detect-after", "9s"}, "is later than"},
        {{"--port", "70000"}, "70000"},
        {{"--tempo", "9"}, "--tempo"},
    };
    for (const BadFlags& bad : cases) {
        Metronome metronome(bad.flags);
        const Exit exit = metronome.wait_exit();
        EXPECT_EQ(exit.code, 2) << bad.message;
        EXPECT_THAT(exit.error_output, HasSubstr(bad.message));
    }
}

TEST(MetronomeProgram, SaysWhenItsPortIsTaken) {
    Metronome first({});
    const std::string port = std::to_string(first.port());
    Metronome second({"--port", port});
    const Exit exit = second.wait_exit();
    EXPECT_EQ(exit.code, 1);
    EXPECT_THAT(exit.error_output, HasSubstr("port " + port));
}

TEST(MetronomeProgram, StopsOrderlyWhenAsked) {
    Metronome metronome({});
    metronome.wait_for("ready");
    EXPECT_EQ(ask(metronome.port(), {"INCR", "n"}), ":1");
    metronome.send_signal(SIGTERM);
    EXPECT_EQ(metronome.wait_for("stopped").at("acknowledged"), "1");
    EXPECT_EQ(metronome.wait_exit().code, 0);
}

}  // namespace
}  // namespace faultline::testing
