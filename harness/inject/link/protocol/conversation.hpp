// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "harness/base/random.hpp"
#include "harness/inject/link/protocol/answers.hpp"
#include "harness/inject/link/protocol/conditions.hpp"
#include "harness/inject/link/protocol/occasions.hpp"
#include "harness/inject/link/protocol/owed.hpp"
#include "harness/inject/link/protocol/reader.hpp"
#include "harness/inject/link/tally.hpp"

namespace faultline::link {

/// What becomes of a request that is struck.
enum class ErrorAction : std::uint8_t {
    answer,  // answered here, in its turn; the server never sees it
    delay,   // held, and all that comes after it on its connection
    drop,    // never forwarded, never answered
    close,   // the connection ends when all earlier answers are given
    reset,   // the connection ends at once, with RST
};

/// What a fault does; shared by its connections, because they count together.
struct ErrorPlan {
    RequestProtocol protocol = RequestProtocol::automatic;
    RequestMatch match;
    Occasions occasions;
    ErrorAction action = ErrorAction::answer;
    Duration delay{};
    Answers answers;
    bool closes = false;  // after an answer the connection ends
};

/// What the two ways of one connection know together.
///
///   requests ─► RequestStage ─┬─ forwarded ─► server
///                             │ owed                │
///   answers  ◄─ AnswerStage ◄─┴─ in order ◄─────────┘
///
/// Thread: the engine's.
struct Conversation {
    Conversation(std::shared_ptr<ErrorPlan> fault, Random own, Tally& counts)
        : plan(std::move(fault)), random(own), tally(counts) {}

    std::shared_ptr<ErrorPlan> plan;
    Random random;
    Tally& tally;

    /// Null until the protocol is known.
    Readers readers{};
    RequestProtocol protocol = RequestProtocol::automatic;
    OwedAnswers owed{};

    /// Requests are looked at; false for good once something was not understood, the server has
    /// finished, or the effect was taken away.
    bool looking = true;
    /// The bytes of the current request are swallowed, up to its end, because it is answered here
    /// or dropped.
    bool swallowing = false;
    struct Swallowed {
        bool answered = false;  // when it has come as a whole
        bool head_only = false;
        bool closes = false;
    };
    Swallowed swallowed{};
    /// Nothing more is read from the one who asks: the connection is about to end.
    bool ending = false;
    /// Ended by us.
    bool ended = false;

    /// Something came from the one who asks.
    bool asked = false;
    /// On a connection that was open before: no place to begin was found yet.
    bool joining = false;
    /// The server spoke first on a connection that seemed new: either it was not, or this is
    /// another protocol.
    bool greeted = false;
    enum class Last : std::uint8_t { none, up, down };
    Last last = Last::none;  // which way bytes passed last, while joining
    Instant last_at{};

    void speak(RequestProtocol spoken);
    /// From now on requests pass untouched, because they are not understood, or are none: counted,
    /// once a connection.
    void lose_track();
    /// Whether something was begun that only we can end.
    [[nodiscard]] bool committed() const {
        return !ended && (swallowing || ending || owed.ours() > 0);
    }
    /// The request that is being swallowed came to its end, or (`cut`) its end cannot be found.
    void finish_swallowing(Instant at, bool cut);

  private:
    bool lost_ = false;
};

}  // namespace faultline::link
