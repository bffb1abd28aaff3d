// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <map>
#include <spawn.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "faultline/event.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/base/file.hpp"
#include "harness/base/time.hpp"

namespace faultline {
namespace {

using nlohmann::json;

/// A bare datagram socket, so that these tests see the bytes.
class BareSocket {
  public:
    BareSocket()
        : path_(testing::TempDir() + "faultline-embed-" + std::to_string(::getpid()) + ".socket"),
          socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        ::unlink(path_.c_str());
        bound_ = ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    BareSocket(const BareSocket&) = delete;
    BareSocket& operator=(const BareSocket&) = delete;
    ~BareSocket() { ::unlink(path_.c_str()); }

    [[nodiscard]] const char* path() const { return path_.c_str(); }
    [[nodiscard]] bool bound() const { return bound_; }
    std::string receive() {
        std::string buffer(65536, '\0');
        const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        return size < 0 ? std::string() : buffer.substr(0, static_cast<std::size_t>(size));
    }

  private:
    std::string path_;
    UniqueFd socket_;
    bool bound_ = false;
};

bool send(embed::EventSink& sink, std::string_view name, const std::vector<EventField>& fields) {
    return sink.send(name, fields.data(), fields.size(), 42);
}

int run_sender(std::vector<std::string> words, std::vector<std::string> environment) {
    std::string program = EVENT_SENDER;
    std::vector<char*> arguments{program.data()};
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<char*> variables;
    for (std::string& variable : environment)
        variables.push_back(variable.data());
    variables.push_back(nullptr);
    pid_t child = -1;
    if (::posix_spawn(
            &child, program.c_str(), nullptr, nullptr, arguments.data(), variables.data()) != 0) {
        return -1;
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(EmbeddedEvent, IsOneJsonObjectWithItsStampFieldsAndSender) {
    BareSocket socket;
    ASSERT_TRUE(socket.bound());
    embed::EventSink sink(socket.path(), "kv[2]");
    ASSERT_TRUE(send(sink, "detected", {{"about", "kv[0]"}, {"cause", "crash"}}));
    EXPECT_EQ(json::parse(socket.receive()),
              json({{"event", "detected"},
                    {"at", 42},
                    {"from", "kv[2]"},
                    {"about", "kv[0]"},
                    {"cause", "crash"}}));
}

TEST(EmbeddedEvent, EscapesWhatJsonCannotHold) {
    BareSocket socket;
    embed::EventSink sink(socket.path(), nullptr);
    const std::string awkward =
        "quote\" slash\\ line\n tab\t nul" + std::string(1, '\0') + " bell\x07";
    const std::string unicode = "h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80";
    ASSERT_TRUE(send(sink, "awkward\"name", {{"a\nkey", awkward}, {"text", unicode}}));
    EXPECT_EQ(
        json::parse(socket.receive()),
        json({{"event", "awkward\"name"}, {"at", 42}, {"a\nkey", awkward}, {"text", unicode}}));
}

TEST(EmbeddedEvent, ReplacesBytesThatAreNotUtf8) {
    BareSocket socket;
    embed::EventSink sink(socket.path(), nullptr);
    const std::map<std::string, std::string> cases = {
        {"\xFF", "\xEF\xBF\xBD"},
        {"a\xC3", "a\xEF\xBF\xBD"},
        {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    };
    for (const auto& [given, expected] : cases) {
        ASSERT_TRUE(send(sink, "e", {{"text", given}}));
        EXPECT_EQ(json::parse(socket.receive()).at("text"), expected);
    }
}

TEST(EmbeddedEvent, RefusesWhatDoesNotFitAndCountsItInTheNext) {
    BareSocket socket;
    embed::EventSink sink(socket.path(), nullptr);
    EXPECT_FALSE(send(sink, "large", {{"text", std::string(embed::EventText::bytes_max, 'x')}}));
    EXPECT_EQ(socket.receive(), "");
    ASSERT_TRUE(send(sink, "small", {}));
    EXPECT_EQ(json::parse(socket.receive()),
              json({{"event", "small"}, {"at", 42}, {"dropped", 1}}));
    ASSERT_TRUE(send(sink, "next", {}));
    EXPECT_EQ(json::parse(socket.receive()), json({{"event", "next"}, {"at", 42}}));
}

TEST(EmbeddedEvent, NeverBlocksOnAFullQueue) {
    BareSocket socket;
    embed::EventSink sink(socket.path(), nullptr);
    constexpr int attempts = 100'000;  // beyond what any kernel queues for one socket
    int sent = 0;
    while (sent < attempts && send(sink, "fill", {}))
        ++sent;
    EXPECT_LT(sent, attempts);
    while (!socket.receive().empty()) {
    }
    ASSERT_TRUE(send(sink, "after", {}));
    EXPECT_EQ(json::parse(socket.receive()).at("dropped"), 1);
}

TEST(EmbeddedEvent, SurvivesAHarnessThatIsGone) {
    std::string path;
    {
        const BareSocket socket;
        path = socket.path();
    }
    embed::EventSink sink(path.c_str(), nullptr);
    errno = 0;
    EXPECT_FALSE(send(sink, "lost", {}));
    EXPECT_EQ(errno, 0);
}

TEST(EmbeddedEvent, IsDisabledByAPathNoSocketCanHave) {
    embed::EventSink sink(std::string(200, 'x').c_str(), nullptr);
    EXPECT_FALSE(sink.enabled());
    EXPECT_FALSE(send(sink, "lost", {}));
}

TEST(EmbeddedEvent, ComesFromACpp17ProgramThroughTheEnvironment) {
    BareSocket socket;
    const std::int64_t before = nanoseconds_of(now());
    ASSERT_EQ(
        run_sender({"one", "role", "is", "primary"},
                   {std::string("FAULTLINE_EVENTS=") + socket.path(), "FAULTLINE_INSTANCE=kv[1]"}),
        0);
    const json event = json::parse(socket.receive());
    EXPECT_EQ(event.at("event"), "role");
    EXPECT_EQ(event.at("from"), "kv[1]");
    EXPECT_EQ(event.at("is"), "primary");
    EXPECT_GE(event.at("at"), before);
    EXPECT_LE(event.at("at"), nanoseconds_of(now()));

    ASSERT_EQ(run_sender({"at", "-7", "early"}, {std::string("FAULTLINE_EVENTS=") + socket.path()}),
              0);
    EXPECT_EQ(json::parse(socket.receive()), json({{"event", "early"}, {"at", -7}}));
}

TEST(EmbeddedEvent, DoesNothingWithoutTheVariable) {
    EXPECT_EQ(run_sender({"one", "role"}, {"FAULTLINE_INSTANCE=kv[1]"}), 1);
    EXPECT_EQ(run_sender({"one", "role"}, {"FAULTLINE_EVENTS="}), 1);
}

}  // namespace
}  // namespace faultline
