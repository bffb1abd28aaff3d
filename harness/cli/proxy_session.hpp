// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

#include "harness/base/file.hpp"
#include "harness/inject/link/toxiproxy/routes.hpp"

namespace boost::asio {
class io_context;
}

namespace faultline::cli {

class NameLookup;

/// What the sessions of a server share. Requires: it outlives the loop's last turn.
struct ProxyService {
    link::ProxySet& set;
    NameLookup& names;
    link::ApiOptions api{};
    std::size_t sessions = 0;        // open now
    std::function<void()> on_end{};  // one has ended
};

/// Serves one client of the API, request after request, until it closes or is silent for too long.
/// The session keeps itself alive meanwhile.
/// Requires: `socket` is a connected TCP socket, IPv6 as said.
/// Thread: the loop's.
struct SessionSocket {
    UniqueFd fd;
    bool ipv6 = false;
};
void start_session(boost::asio::io_context& loop, SessionSocket socket, ProxyService& service);

}  // namespace faultline::cli
