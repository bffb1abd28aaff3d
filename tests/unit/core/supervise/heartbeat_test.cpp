// SPDX-License-Identifier: Apache-2.0
#include "targets/core/supervise/heartbeat.hpp"

#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

namespace ftcore {
namespace {

/// A listener on an abstract address of its own.
class Listener {
  public:
    Listener() : name_("@heartbeat-test-" + std::to_string(::getpid())) {
        address_.sun_family = AF_UNIX;
        name_.copy(address_.sun_path, name_.size());
        address_.sun_path[0] = '\0';
        fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
        EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address_), length), 0);
    }
    ~Listener() { ::close(fd_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    [[nodiscard]] const char* name() const { return name_.c_str(); }
    [[nodiscard]] int beats() const {
        int count = 0;
        char byte = 0;
        while (::recv(fd_, &byte, 1, 0) >= 0)
            ++count;
        return count;
    }

  private:
    std::string name_;
    sockaddr_un address_{};
    int fd_ = -1;
};

constexpr std::int64_t second = 1'000'000'000;

TEST(Heartbeat, SendsFourTimesPerTimeoutAtMost) {
    const Listener listener;
    embed::HeartbeatSink sink(listener.name(), "400000");
    EXPECT_EQ(sink.interval_ns(), second / 10);
    int beats = 0;
    for (std::int64_t now = second; now < 2 * second; now += second / 1000) {
        sink.beat(now);
        beats += listener.beats();
    }
    EXPECT_EQ(beats, 10);
    EXPECT_FALSE(sink.beat(second));
    EXPECT_TRUE(sink.beat(3 * second));
    EXPECT_EQ(listener.beats(), 1);
}

TEST(Heartbeat, DoesNothingWithoutASupervisor) {
    embed::HeartbeatSink none(nullptr, nullptr);
    EXPECT_FALSE(none.enabled());
    EXPECT_FALSE(none.beat(second));
    const std::string too_long(200, 'x');
    EXPECT_FALSE(embed::HeartbeatSink(too_long.c_str(), nullptr).enabled());
}

TEST(Heartbeat, MindsNeitherAGoneSupervisorNorNonsense) {
    embed::HeartbeatSink sink("@nobody-listens-here", "nonsense");
    EXPECT_EQ(sink.interval_ns(), second / 10);
    errno = 7;
    EXPECT_FALSE(sink.beat(second));
    EXPECT_EQ(errno, 7);
}

}  // namespace
}  // namespace ftcore
