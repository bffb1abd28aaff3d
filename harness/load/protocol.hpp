// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/random.hpp"
#include "harness/base/time.hpp"
#include "harness/load/load.hpp"
#include "harness/load/operation_store.hpp"
#include "harness/load/route.hpp"

namespace faultline {

/// How a protocol uses a connection.
struct ProtocolTraits {
    int pipeline = 1;                   // at most so many requests in flight on one connection
    bool timeout_drops = true;          // a connection on which a request timed out is given up
    bool connect_is_operation = false;  // an operation is a connect and nothing else
    bool redirects = false;  // what was surely not executed is sent again until its timeout
};

/// One reply from the front of what a connection received.
struct Reply {
    std::size_t bytes = 0;  // how much of the input it was; 0: not all of it is there yet
    Settlement settlement{};
    bool last = false;    // send nothing more here; reconnect when the rest is answered
    bool search = false;  // this instance is the wrong one: let the route look again
    bool again = false;   // surely not executed: to be sent again, not settled (with `redirects`)
};

/// One way of talking to a target: draws operations, writes requests, reads replies. Replies come
/// in the order of the requests. What implements it is one file in drivers/. Thread: the
/// generator's; `check_writes` after that has ended.
class Protocol {
  public:
    virtual ~Protocol() = default;

    [[nodiscard]] virtual const std::vector<std::string>& operation_kinds() const = 0;
    [[nodiscard]] virtual ProtocolTraits traits() const = 0;

    /// Chooses the kind and the key of the operation with number `sequence`.
    virtual void draw(Operation& operation, std::uint32_t sequence, Random& random) = 0;
    /// Appends the request to `out`.
    virtual void encode(const Operation& operation, std::uint32_t sequence, std::string& out) = 0;
    /// Reads the reply to `operation` from the front of `input`. `ended`: the peer will send no
    /// more. A stream that cannot be a reply is answered with `last` and all of the input consumed.
    [[nodiscard]] virtual Reply parse(const Operation& operation,
                                      std::uint32_t sequence,
                                      std::string_view input,
                                      bool ended) = 0;

    [[nodiscard]] virtual Route& route() = 0;

    /// See Load::check_writes.
    [[nodiscard]] virtual WriteCheck check_writes(const OperationLog& log, Instant deadline) {
        static_cast<void>(log);
        static_cast<void>(deadline);
        return WriteCheck{.note = "this driver writes nothing that can be read back"};
    }
};

}  // namespace faultline
