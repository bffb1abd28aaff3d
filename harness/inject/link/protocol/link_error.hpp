// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"
#include "harness/inject/link/effect.hpp"
#include "harness/inject/link/link_kind.hpp"
#include "harness/inject/link/protocol/answers.hpp"
#include "harness/inject/link/protocol/conditions.hpp"
#include "harness/inject/link/protocol/conversation.hpp"
#include "harness/inject/link/protocol/occasions.hpp"

namespace faultline::link {

inline constexpr Duration error_delay_max = std::chrono::hours(1);

/// Single requests go wrong.
struct ErrorSpec {
    RequestProtocol protocol = RequestProtocol::automatic;
    RequestConditions match{};
    HowOften how_often{};
    ErrorAction action = ErrorAction::answer;
    Duration delay{};   // with ErrorAction::delay alone, and above 0 then
    HttpAnswer http{};  // what HTTP requests are answered with
    std::string reply = "-ERR injected by faultline";  // and Redis requests, see `Answers`
};

/// Understands HTTP/1.1 and RESP2 on the connections of a link, and answers, delays or drops
/// requests, or ends their connections. Requests and answers keep their order: an answer of ours
/// waits until all earlier requests of its connection were answered by the server.
///
/// - What cannot be understood passes untouched from there on, both ways, and is counted; so does
///   what follows CONNECT, an upgrade, SUBSCRIBE, MONITOR, PSYNC, HELLO 3 and CLIENT REPLY.
/// - An answered request is read to its end first. One that waits for "100 Continue" is answered at
///   once, and its connection ends.
/// - A dropped request shifts what a client that pipelines without reading keys or ids takes for
///   its answers: it gets the next request's answer for it.
/// - On a connection that was open before, an HTTP request counts from the first that comes after
///   an answer; a Redis one once nothing was on its way for 2 ms, for which the first requests may
///   have to wait.
/// - Taken away (`Stage::retire`), what is held goes on, answers that are owed are given in their
///   turn, and a request that is being read is read to its end. Where the connection cannot wait
///   for that (`Stage::release`), it ends if anything such is left.
/// Errors: `invalid`: see `RequestMatch` and `Answers`; numbers out of range; a delay that is
/// missing or not asked for.
[[nodiscard]] Result<std::shared_ptr<Effect>> make_error(ErrorSpec spec);

/// The kind "link.error". Its "probability" is drawn for each request.
[[nodiscard]] LinkKind link_error();

}  // namespace faultline::link
