// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "harness/base/time.hpp"

namespace faultline::link {

/// Which way bytes go on a connection: up, from the one who connects to the one who listens; down,
/// what is answered.
enum class Way : std::uint8_t { up, down };

/// Bytes on their way through a connection.
struct Chunk {
    std::string bytes;
    /// When they came out of what stands above, by the plan rather than by the clock: a stage that
    /// holds them until `at + delay` hands them on with exactly that, so that stages stack without
    /// adding up their lateness.
    Instant at;
};

/// What stands below a stage: the next stage, or in the end the socket.
class Outlet {
  public:
    virtual ~Outlet() = default;
    virtual void push(Chunk chunk) = 0;
    /// No more will come this way (half-close). At most once, after the last push.
    virtual void finish(Instant at) = 0;
    /// Ends the connection with RST at both ends at once; whatever is held is dropped.
    virtual void reset() = 0;
    /// Ends both directions with FIN: the way below delivers what it was given; what stands above
    /// is dropped.
    virtual void close() = 0;
};

/// One effect on one way of one connection. The ways of a connection are chains of them:
///
///   socket ─► stage ─► stage ─► ... ─► socket
///
/// A chain is empty on a link without effects, and then bytes do not pass through here at all.
/// After any call the engine asks every stage of the connection for `wake` and advances those that
/// are due, until none is: a stage may so rouse its partner on the other way.
/// Thread: the engine's.
class Stage {
  public:
    virtual ~Stage() = default;

    /// Takes bytes, passes on what may go. The default passes them on as they are.
    virtual void push(Chunk chunk, Outlet& below);
    /// The end of the stream, at most once; to be passed on after all that is held.
    virtual void finish(Instant at, Outlet& below);
    /// When `advance` wants to be called; `Instant::max()`: not because of time.
    [[nodiscard]] virtual Instant wake() const { return Instant::max(); }
    virtual void advance(Instant now, Outlet& below);
    /// False: nothing more is read from the socket above for now (back-pressure); asked after every
    /// call. `held` alone stops reading when a connection's bound is reached.
    [[nodiscard]] virtual bool accepts() const { return true; }
    /// Bytes held back.
    [[nodiscard]] virtual std::size_t held() const { return 0; }
    /// The effect is taken away: passes on all that is held, at once and in order, and the end of
    /// the stream if that was held too. Called once, last.
    virtual void release(Instant now, Outlet& below);

    /// Called once instead of `release` when the effect is taken away but the connection stays.
    /// False: something that the stage began is not over (a request that it answers is still
    /// coming in, or its answer has to wait its turn), and to end it now would end the connection.
    /// It then does nothing new, stays in its place, sees all that passes as before, and leaves
    /// without another call once `retired`, asked after every call like `accepts`. What it was
    /// attached with stays alive so long. The default releases.
    [[nodiscard]] virtual bool retire(Instant now, Outlet& below);
    [[nodiscard]] virtual bool retired() const { return true; }
};

}  // namespace faultline::link
