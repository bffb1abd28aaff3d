// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/time.hpp"

namespace faultline::testing {

/// An instant of the metronome's account: what stands behind "what=" and the other facts.
using Instants = std::map<std::string, std::string>;

/// How a program ended.
struct Exit {
    int code = -1;  // -1: by a signal
    int signal = 0;
    std::string error_output;
};

/// A running metronome; killed at the end.
class Metronome {
  public:
    explicit Metronome(const std::vector<std::string>& flags,
                       const std::map<std::string, std::string>& environment = {});
    ~Metronome();
    Metronome(const Metronome&) = delete;
    Metronome& operator=(const Metronome&) = delete;

    /// The next account of `what`, skipping others. Fails the test, and answers nothing, when it
    /// does not come within 30 s or the program ends.
    Instants wait_for(const std::string& what);
    /// The port that it listens on.
    std::uint16_t port();
    std::uint16_t http_port();
    void send_signal(int signal) const;
    Exit wait_exit();

  private:
    void read_listening();
    pid_t pid_ = -1;
    UniqueFd output_;
    UniqueFd error_output_;
    std::string unread_;
    Instants listening_;
};

std::int64_t nanoseconds_in(const Instants& facts, const std::string& name);

/// A port nobody else gets while this lives, that a server may still listen on.
class ReservedPort {
  public:
    ReservedPort();
    [[nodiscard]] std::uint16_t number() const { return number_; }
    [[nodiscard]] std::string text() const { return std::to_string(number_); }

  private:
    UniqueFd fd_;
    std::uint16_t number_ = 0;
};

/// A blocking client. Every wait ends after 30 s.
class Client {
  public:
    explicit Client(std::uint16_t port);
    [[nodiscard]] bool connected() const { return connected_; }
    void send(const std::string& bytes);
    /// Reads until `bytes` ends with `end`; what came so far when the connection ends.
    std::string receive_until(const std::string& end);
    /// Sends one request and reads a one-line reply, or a bulk reply; empty when the connection
    /// ends.
    std::string ask(const std::vector<std::string>& words);

  private:
    std::string receive_line();
    UniqueFd fd_;
    bool connected_ = false;
    std::string unread_;
};

std::string request_of(const std::vector<std::string>& words);
/// One request on a connection of its own.
std::string ask(std::uint16_t port, const std::vector<std::string>& words);
/// The whole response to GET.
std::string http_get(std::uint16_t port, const std::string& path);

}  // namespace faultline::testing
