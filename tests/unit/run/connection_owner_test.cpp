// SPDX-License-Identifier: Apache-2.0
#include "harness/run/connection_owner.hpp"

#include <csignal>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "harness/base/check.hpp"
#include "harness/base/file.hpp"

namespace faultline {
namespace {

/// Listens on loopback, and hands out who connects.
class Listener {
  public:
    explicit Listener(int family = AF_INET) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        address_.ss_family = static_cast<sa_family_t>(family);
        if (family == AF_INET6) {
            reinterpret_cast<sockaddr_in6&>(address_).sin6_addr = in6addr_loopback;
        } else {
            reinterpret_cast<sockaddr_in&>(address_).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        }
        ready_ = ::bind(fd_.get(), raw(), length_) == 0 && ::listen(fd_.get(), 5) == 0 &&
                 ::getsockname(fd_.get(), raw(), &length_) == 0;
    }
    [[nodiscard]] bool ready() const { return ready_; }
    [[nodiscard]] UniqueFd accept() const {
        return UniqueFd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    [[nodiscard]] UniqueFd connect() {
        UniqueFd socket(::socket(address_.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        FL_CHECK(::connect(socket.get(), raw(), length_) == 0);
        return socket;
    }
    [[nodiscard]] int port() const {
        return ntohs(reinterpret_cast<const sockaddr_in&>(address_).sin_port);
    }
    [[nodiscard]] sockaddr* raw() { return reinterpret_cast<sockaddr*>(&address_); }

  private:
    sockaddr_storage address_{};
    socklen_t length_ = sizeof address_;
    UniqueFd fd_;
    bool ready_ = false;
};

/// A process that does something once it is told to and then waits for its end.
class Child {
  public:
    template <class Do>
    explicit Child(Do what) {
        FL_CHECK(::pipe(pipe_) == 0);
        pid_ = ::fork();
        FL_CHECK_OP(>=, pid_, 0);
        if (pid_ > 0) return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        char go = 0;
        if (::read(pipe_[0], &go, 1) == 1) what();
        for (;;)
            ::pause();
    }
    ~Child() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        ::close(pipe_[0]);
        ::close(pipe_[1]);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    void go() const { FL_CHECK(::write(pipe_[1], "x", 1) == 1); }
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    int pipe_[2]{};
    pid_t pid_ = -1;
};

TEST(ConnectionOwner, FindsTheProcessThatConnected) {
    Listener listener;
    ASSERT_TRUE(listener.ready());
    const auto connect = [&] { static_cast<void>(listener.connect().release()); };
    const Child first(connect);
    const Child second(connect);
    const std::vector<OwnerCandidate> candidates{{"kv[0]", first.pid()}, {"kv[1]", second.pid()}};
    ConnectionOwner owner;
    second.go();
    const UniqueFd from_second = listener.accept();
    EXPECT_EQ(owner.find(from_second.get(), candidates), "kv[1]");
    first.go();
    const UniqueFd from_first = listener.accept();
    EXPECT_EQ(owner.find(from_first.get(), candidates), "kv[0]");
    EXPECT_EQ(owner.find(from_second.get(), candidates), "kv[1]");
}

TEST(ConnectionOwner, FindsWhatACandidateHasStarted) {
    Listener listener;
    ASSERT_TRUE(listener.ready());
    const Child parent([&] {
        if (::fork() != 0) return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::setsid();  // it has left the session too
        static_cast<void>(listener.connect().release());
        for (;;)
            ::pause();
    });
    parent.go();
    const UniqueFd accepted = listener.accept();
    ConnectionOwner owner;
    EXPECT_EQ(owner.find(accepted.get(), {{"kv[0]", parent.pid()}, {"load", ::getpid()}}), "kv[0]");
}

TEST(ConnectionOwner, KnowsTheHarnessItself) {
    Listener listener;
    ASSERT_TRUE(listener.ready());
    const UniqueFd own = listener.connect();
    const UniqueFd accepted = listener.accept();
    ConnectionOwner owner;
    EXPECT_EQ(owner.find(accepted.get(), {{"kv[0]", -1}, {"load", ::getpid()}}), "load");
    EXPECT_EQ(owner.find(accepted.get(), {{"kv[0]", -1}}), std::nullopt);
}

TEST(ConnectionOwner, TakesCommandsOfTheLoadForTheLoad) {
    Listener listener;
    ASSERT_TRUE(listener.ready());
    const Child command([&] { static_cast<void>(listener.connect().release()); });
    command.go();
    const UniqueFd accepted = listener.accept();
    ConnectionOwner owner;
    EXPECT_EQ(owner.find(accepted.get(), {{"kv[0]", -1}, {"load", ::getpid()}}), "load");
}

TEST(ConnectionOwner, KnowsAnInstanceWhosePidIsNotKnownYet) {
    Listener listener;
    ASSERT_TRUE(listener.ready());
    const std::string script = "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(listener.port()) +
                               "; read -r <&3";  // until it is closed
    const Child instance([&] {
        ::setenv("FAULTLINE_INSTANCE", "kv[1]", 1);
        ::setenv("FAULTLINE_FAILPOINT_CONTROL", "/nowhere", 1);
        ::execl("/bin/bash", "bash", "-c", script.c_str(), nullptr);
    });
    instance.go();
    const UniqueFd accepted = listener.accept();
    ConnectionOwner owner;
    EXPECT_EQ(owner.find(accepted.get(), {{"kv[0]", -1}, {"kv[1]", -1}, {"load", ::getpid()}}),
              "kv[1]");
}

TEST(ConnectionOwner, KnowsNobodyWhenTheConnectionIsGone) {
    Listener listener;
    ASSERT_TRUE(listener.ready());
    UniqueFd own = listener.connect();
    const UniqueFd accepted = listener.accept();
    own.reset();
    ConnectionOwner owner;
    EXPECT_EQ(owner.find(accepted.get(), {{"load", ::getpid()}}), std::nullopt);
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    const UniqueFd one(pair[0]);
    const UniqueFd other(pair[1]);
    EXPECT_EQ(owner.peer_inode(one.get()), 0U);
}

TEST(ConnectionOwner, ReadsTheSameFromTheTableOfTheKernel) {
    for (const int family : {AF_INET, AF_INET6}) {
        Listener listener(family);
        if (!listener.ready() && family == AF_INET6) continue;  // a machine without IPv6
        const UniqueFd own = listener.connect();
        const UniqueFd accepted = listener.accept();
        ConnectionOwner owner;
        const std::uint64_t inode = owner.peer_inode(accepted.get());
        EXPECT_NE(inode, 0U);
        EXPECT_EQ(ConnectionOwner::peer_inode_from_table(accepted.get()), inode) << family;
    }
}

}  // namespace
}  // namespace faultline
