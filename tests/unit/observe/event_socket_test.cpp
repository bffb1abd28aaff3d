// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/event_socket.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"

namespace faultline {
namespace {

constexpr Duration patience = std::chrono::seconds(120);

class EventSocketTest : public testing::Test {
  protected:
    void open() {
        auto opened = EventSocket::open(
            loop_,
            {.path = path_,
             .on_event = [this](Event event) { events_.push_back(std::move(event)); },
             .instance_of = [](int pid) { return "pid " + std::to_string(pid); }});
        ASSERT_TRUE(opened) << opened.error().message;
        socket_ = std::move(*opened);
    }

    [[nodiscard]] bool send(const std::string& datagram) const {
        const UniqueFd sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        return ::sendto(sender.get(),
                        datagram.data(),
                        datagram.size(),
                        0,
                        reinterpret_cast<sockaddr*>(&address),
                        sizeof address) == std::ssize(datagram);
    }

    [[nodiscard]] pid_t spawn_sender(std::vector<std::string> words) const {
        std::string program = EVENT_SENDER;
        std::string variable = "FAULTLINE_EVENTS=" + path_;
        std::vector<char*> arguments{program.data()};
        for (std::string& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        char* environment[] = {variable.data(), nullptr};
        pid_t child = -1;
        ::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environment);
        return child;
    }

    bool wait_for_events(std::size_t count) {
        return loop_.wait_until(now() + patience, [&] { return events_.size() >= count; });
    }

    std::string path_ =
        testing::TempDir() + "faultline-events-" + std::to_string(::getpid()) + ".socket";
    Loop loop_;
    std::vector<Event> events_;
    std::unique_ptr<EventSocket> socket_;
};

TEST_F(EventSocketTest, HandsOnEventsInTheOrderTheyCame) {
    open();
    ASSERT_TRUE(send(R"({"event":"first","from":"kv[0]"})"));
    ASSERT_TRUE(send(R"({"event":"second"})"));
    ASSERT_TRUE(wait_for_events(2));
    EXPECT_EQ(events_[0].name, "first");
    EXPECT_EQ(events_[0].instance, "kv[0]");
    EXPECT_EQ(events_[1].name, "second");
    EXPECT_EQ(socket_->malformed(), 0U);
}

TEST_F(EventSocketTest, NamesASenderThatDoesNotByItsPid) {
    open();
    const pid_t child = spawn_sender({"one", "ready"});
    ASSERT_GT(child, 0);
    ASSERT_TRUE(wait_for_events(1));
    EXPECT_EQ(events_[0].instance, "pid " + std::to_string(child));
    EXPECT_FALSE(events_[0].fields.contains("clock"));
    EXPECT_LE(events_[0].at, events_[0].seen);
    ::waitpid(child, nullptr, 0);
}

TEST_F(EventSocketTest, CountsMalformedDatagramsAndKeepsAnExample) {
    open();
    ASSERT_TRUE(send("not json\n"));
    ASSERT_TRUE(send(""));
    ASSERT_TRUE(send(R"({"at":1})"));
    ASSERT_TRUE(send(std::string(100'000, 'x')));
    ASSERT_TRUE(send(R"({"event":"good"})"));
    ASSERT_TRUE(wait_for_events(1));
    EXPECT_EQ(socket_->malformed(), 4U);
    EXPECT_THAT(socket_->malformed_example(), testing::StartsWith("xxxx"));
    EXPECT_LT(socket_->malformed_example().size(), 200U);
}

TEST_F(EventSocketTest, TakesAFloodWithoutLossWhileOtherWorkGetsItsTurn) {
    constexpr std::size_t count = 100'000;
    open();
    const pid_t child = spawn_sender({"flood", std::to_string(count)});
    ASSERT_GT(child, 0);
    bool timer_ran = false;
    const Timer timer = loop_.call_at(now(), [&timer_ran] { timer_ran = true; });
    ASSERT_TRUE(wait_for_events(count));
    EXPECT_TRUE(timer_ran);
    EXPECT_EQ(socket_->malformed(), 0U);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(EventSocketTest, DrainsWithoutTheLoop) {
    open();
    socket_->drain();
    EXPECT_TRUE(events_.empty());
    ASSERT_TRUE(send(R"({"event":"late"})"));
    socket_->drain();
    EXPECT_EQ(events_.size(), 1U);
}

TEST_F(EventSocketTest, MayBeDestroyedByItsOwnCallback) {
    auto opened = EventSocket::open(loop_, {.path = path_, .on_event = [this](const Event& event) {
                                                events_.push_back(event);
                                                socket_.reset();
                                            }});
    ASSERT_TRUE(opened);
    socket_ = std::move(*opened);
    ASSERT_TRUE(send(R"({"event":"first"})"));
    ASSERT_TRUE(send(R"({"event":"second"})"));
    ASSERT_TRUE(wait_for_events(1));
    loop_.run_until(now());
    EXPECT_EQ(events_.size(), 1U);
}

TEST_F(EventSocketTest, ReplacesAStaleSocketAndLeavesNoneBehind) {
    open();
    ASSERT_TRUE(std::filesystem::is_socket(path_));
    socket_.reset();
    EXPECT_FALSE(std::filesystem::exists(path_));

    const UniqueFd stale(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(stale.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    open();
}

TEST_F(EventSocketTest, SaysHowLongAPathMayBe) {
    const auto opened = EventSocket::open(
        loop_, {.path = "/tmp/" + std::string(120, 'x'), .on_event = [](Event) {}});
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, testing::HasSubstr("125 bytes, the kernel takes 1 to 107"));
}

}  // namespace
}  // namespace faultline
