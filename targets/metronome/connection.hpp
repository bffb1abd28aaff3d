// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"

namespace metronome {

/// A non-blocking TCP stream with what was read and not used, and what was sent and not taken.
class Connection {
  public:
    explicit Connection(faultline::UniqueFd fd) : fd_(std::move(fd)) {}

    /// Reads once what is there, at most 16 KiB, so that timers stay exact. False: the stream has
    /// ended or failed.
    [[nodiscard]] bool receive();
    [[nodiscard]] const std::string& input() const { return input_; }
    void consume(std::size_t bytes) { input_.erase(0, bytes); }

    /// Hands bytes over for `flush`.
    void send(std::string_view bytes) { output_ += bytes; }
    /// Writes what the kernel takes. False: the stream has failed, or the peer reads too slowly.
    [[nodiscard]] bool flush();
    [[nodiscard]] bool unsent() const { return !output_.empty(); }

    /// Ends the stream; from then on receiving and flushing fail.
    void close() { fd_.reset(); }
    [[nodiscard]] int fd() const { return fd_.get(); }

  private:
    faultline::UniqueFd fd_;
    std::string input_;
    std::string output_;
};

/// A socket listening on 127.0.0.1; port 0: any free one.
[[nodiscard]] faultline::Result<faultline::UniqueFd> listen_on(std::uint16_t port);
/// Again, after it was shut down; errno says why not.
[[nodiscard]] bool start_listening(int fd);
[[nodiscard]] std::uint16_t port_of(int fd);
/// Starts to connect to 127.0.0.1; writable when done, and `connect_error` says how it went.
[[nodiscard]] faultline::Result<faultline::UniqueFd> connect_to(std::uint16_t port);
[[nodiscard]] int connect_error(int fd);
/// The next waiting connection, or none.
[[nodiscard]] faultline::UniqueFd accept_from(int listener);

}  // namespace metronome
