// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "harness/base/file.hpp"

namespace faultline::testing {

/// Everything on a socket happens within this, or the test fails.
inline constexpr int patience_seconds = 60;

/// How reading from a socket ended.
enum class End : std::uint8_t {
    none,    // it has not
    closed,  // FIN
    reset,   // RST
    late,    // nothing came in time
};

/// A connected TCP socket that waits for what it is asked.
class Peer {
  public:
    Peer() = default;
    explicit Peer(UniqueFd fd);
    /// To "127.0.0.1:80". Not connected: `error` says why.
    [[nodiscard]] static Peer connect(const std::string& address);

    [[nodiscard]] bool connected() const { return static_cast<bool>(fd_); }
    [[nodiscard]] int error() const { return error_; }  // errno of connect
    [[nodiscard]] int fd() const { return fd_.get(); }

    /// False: the connection ended before all of it was taken.
    bool send(std::string_view bytes);
    /// Exactly `bytes`, or fewer when the connection ended.
    [[nodiscard]] std::string receive(std::size_t bytes);
    /// All until the end.
    [[nodiscard]] std::string receive_all();
    /// One read.
    [[nodiscard]] std::string receive_some(std::size_t most = 65536);
    [[nodiscard]] End end() const { return end_; }

    /// No more will come from here (FIN).
    void finish();
    void close() { fd_.reset(); }

  private:
    UniqueFd fd_;
    int error_ = 0;
    End end_ = End::none;
};

/// A server that runs `serve` on a thread of its own for each connection.
class TestServer {
  public:
    explicit TestServer(std::function<void(Peer& peer)> serve);
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    [[nodiscard]] std::string address() const;
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] int accepted() const { return accepted_; }

  private:
    void accept();
    std::function<void(Peer& peer)> serve_;
    UniqueFd listener_;
    std::uint16_t port_ = 0;
    std::atomic<int> accepted_{0};
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::vector<int> open_;  // to be shut down at the end
    std::vector<std::thread> serving_;
    std::thread accepting_;
};

/// Sends back what comes, until the end.
void echo(Peer& peer);

/// A port that takes no connection and refuses none, as if a packet filter swallowed them.
class SilentPort {
  public:
    SilentPort();
    [[nodiscard]] std::string address() const;

  private:
    UniqueFd listener_;
    std::uint16_t port_ = 0;
    std::vector<UniqueFd> waiting_;  // fill its queue
};

/// A socket that holds a port, so that nobody else can listen there.
class TakenPort {
  public:
    TakenPort();
    [[nodiscard]] std::string address() const;
    void release() { fd_.reset(); }

  private:
    UniqueFd fd_;
    std::uint16_t port_ = 0;
};

/// Looks again and again until `condition` holds; false: it did not in time.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

}  // namespace faultline::testing
