// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

#include "harness/base/file.hpp"

namespace faultline::e2e {

/// `faultline proxy --port 0` as a user starts it, until the object goes; or another command that
/// serves HTTP and says where.
class ProxyProgram {
  public:
    struct Options {
        std::vector<std::string> words{};   // after those it starts with
        std::vector<std::string> before{};  // of the command: {"prlimit", "--nofile=64"}
        std::vector<std::string> start{"proxy", "--port", "0"};
    };
    /// Waits for its first line. It did not come: `address` is empty.
    explicit ProxyProgram(Options options);
    ~ProxyProgram();
    ProxyProgram(const ProxyProgram&) = delete;
    ProxyProgram& operator=(const ProxyProgram&) = delete;

    /// Of the API: "127.0.0.1:40123".
    [[nodiscard]] const std::string& address() const { return address_; }
    [[nodiscard]] const std::string& first_line() const { return first_line_; }
    /// Sends the signal and waits for the end. Returns the exit code, or minus the signal that
    /// ended it.
    int stop(int signal);
    /// What it printed after the first line, on both outputs. Requires: it has ended.
    [[nodiscard]] std::string rest();

  private:
    pid_t pid_ = -1;
    UniqueFd output_;
    std::string first_line_;
    std::string address_;
};

/// One HTTP answer.
struct HttpReply {
    int status = 0;                                // 0: there was none
    std::map<std::string, std::string> headers{};  // names in lower case
    std::string body{};
};
/// "HTTP/1.1 200 OK..." as it came.
[[nodiscard]] HttpReply parse_reply(const std::string& text);
/// One request on a connection of its own.
[[nodiscard]] HttpReply http(const std::string& address,
                             const std::string& method,
                             const std::string& target,
                             const std::string& body = "",
                             const std::string& headers = "");

}  // namespace faultline::e2e
