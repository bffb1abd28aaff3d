// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>

#include "harness/base/file.hpp"
#include "reports/serve/http_message.hpp"

namespace boost::asio {
class io_context;
}

namespace faultline::reports {

/// A client that follows the events.
class EventFollower {
  public:
    virtual ~EventFollower() = default;
    virtual void send(const std::string& text) = 0;
};

/// What the sessions of a server share. Requires: it outlives the loop's last turn.
struct HttpService {
    HttpHandler handler;
    std::size_t sessions = 0;  // open now
    std::set<EventFollower*> followers{};
};

inline constexpr std::size_t http_followers_max = 64;

struct HttpSocket {
    UniqueFd fd;
    bool ipv6 = false;
};
/// Serves one client, request after request, until it closes or is silent for too long. The session
/// keeps itself alive meanwhile. Thread: the loop's.
void start_http_session(boost::asio::io_context& loop, HttpSocket socket, HttpService& service);

}  // namespace faultline::reports
