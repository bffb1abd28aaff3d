// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "harness/observe/probe.hpp"

namespace faultline {

/// Where the target listens.
/// Errors: no port, or a host that is no address.
[[nodiscard]] inline Result<boost::asio::ip::tcp::endpoint> endpoint_of(const ProbeSpec& spec,
                                                                        const ProbeTarget& target) {
    if (target.port == 0) {
        return fail("probe " + spec.kind + ": " + target.instance +
                        " has no port to ask; give its target \"ports\"",
                    ErrorCode::invalid);
    }
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(target.host, error);
    if (error) {
        return fail("probe " + spec.kind + ": \"" + target.host + "\" of " + target.instance +
                        " is not an IP address",
                    ErrorCode::invalid);
    }
    return boost::asio::ip::tcp::endpoint(address, target.port);
}

/// "connecting to 127.0.0.1:6379: Connection refused".
[[nodiscard]] inline std::string describe_failure(const std::string& doing,
                                                  const boost::asio::ip::tcp::endpoint& endpoint,
                                                  const boost::system::error_code& error) {
    return doing + " " + endpoint.address().to_string() + ":" + std::to_string(endpoint.port()) +
           ": " + error.message();
}

}  // namespace faultline
