// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/file.hpp"
#include "harness/base/random.hpp"
#include "harness/base/time.hpp"

namespace faultline::testing {

/// No event is waited for longer; nothing is expected to happen sooner.
constexpr Duration test_deadline = std::chrono::seconds(60);

/// Waits until `condition` holds, looking again and again. Returns whether it does.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

/// How a stream ended.
enum class Ending { open, end, reset };

/// A blocking stream socket with a deadline on everything.
class Wire {
  public:
    Wire() = default;
    explicit Wire(UniqueFd fd);
    /// "127.0.0.1:80", "[::1]:80" or "unix:/path"; empty when refused. A server that resets at once
    /// may do so before the kernel says that we are connected: empty too, and ended with `reset`.
    [[nodiscard]] static Wire connect(const std::string& address);

    [[nodiscard]] explicit operator bool() const { return static_cast<bool>(fd_); }
    [[nodiscard]] int descriptor() const { return fd_.get(); }

    /// False: the peer is gone.
    bool send(std::string_view bytes);
    /// Exactly that many, or fewer when the stream ended before.
    [[nodiscard]] std::string read(std::size_t bytes);
    /// All until the stream ends; how it ended is left in `ending`.
    [[nodiscard]] std::string read_to_end();
    [[nodiscard]] Ending ending() const { return ending_; }
    /// What becomes of a stream from which nothing more is expected.
    [[nodiscard]] Ending wait_for_end();

    /// Fills everything on the way until nothing more is taken. Returns the bytes written.
    [[nodiscard]] std::size_t send_until_blocked();
    [[nodiscard]] bool readable_now() const;

    void finish();  // half-close
    void reset();   // RST
    void close() { fd_.reset(); }

  private:
    UniqueFd fd_;
    Ending ending_ = Ending::open;
};

/// A listening socket on loopback, or at a path.
class TestServer {
  public:
    explicit TestServer(const std::string& address = "127.0.0.1:0");
    [[nodiscard]] std::string address() const { return address_; }
    [[nodiscard]] Wire accept();
    [[nodiscard]] bool somebody_waits() const;

  private:
    UniqueFd fd_;
    std::string address_;
};

/// Bytes that look like noise and are the same for the same seed.
[[nodiscard]] std::string noise(std::size_t bytes, std::uint64_t seed);

}  // namespace faultline::testing
