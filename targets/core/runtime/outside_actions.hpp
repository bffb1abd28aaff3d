// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace ftcore {

/// What alerts do outside the node: HTTP POST with retry, and commands. On a thread of its own, so
/// that a slow receiver never stops the node. `done` comes on the loop.
class OutsideActions {
  public:
    using Done = std::function<void(bool ok, std::string detail)>;

    explicit OutsideActions(boost::asio::io_context& loop);
    ~OutsideActions();
    OutsideActions(const OutsideActions&) = delete;
    OutsideActions& operator=(const OutsideActions&) = delete;

    /// `url`: http://host[:port]/path. Tries `attempts_max` times with growing pauses.
    void post(std::string url, std::string body, Done done);
    void run(std::vector<std::string> words, Done done);

    static constexpr int attempts_max = 3;
    /// More than this many waiting are refused at once: an alert storm must not fill the memory.
    static constexpr int waiting_max = 64;

  private:
    struct State;
    std::shared_ptr<State> state_;  // the thread's tasks keep it until they have run
};

}  // namespace ftcore
