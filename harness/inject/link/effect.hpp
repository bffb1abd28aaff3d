// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "harness/base/random.hpp"
#include "harness/inject/link/stage.hpp"
#include "harness/inject/link/tally.hpp"

namespace faultline::link {

/// Which ways an effect works on.
struct Ways {
    bool up = true;
    bool down = true;
    [[nodiscard]] bool has(Way way) const { return way == Way::up ? up : down; }
};

/// What becomes of those who connect while an effect is there.
enum class Door : std::uint8_t {
    open,
    /// Nobody listens: ECONNREFUSED, and the port stays ours. Where that is not for all (some
    /// connections are spared, or links share the address): accepted and reset.
    refuse,
    /// Accepted by the kernel, then never answered, and not connected on until the effect goes. Who
    /// finishes or resets meanwhile has given up and is forgotten.
    silent,
};

/// What becomes of the connections that are open when an effect is put on.
enum class OpenConnections : std::uint8_t { keep, close, reset };

/// One breakage of one or more links while it lasts. It may keep state across connections
/// ("the first two requests"), so it is made anew for each injection.
/// Thread: the engine's, once it has been handed over; made anywhere.
class Effect {
  public:
    virtual ~Effect() = default;

    struct Stages {
        std::unique_ptr<Stage> up{};  // null: that way is left alone
        std::unique_ptr<Stage> down{};
    };
    /// Called once per connection that is not spared: for those already open when the effect is put
    /// on, and for later ones as they come. `random` is that connection's own: it depends on the
    /// engine's seed, the link's name, the effect's id and the connection's number alone.
    [[nodiscard]] virtual Stages attach(Random random, Tally& tally) = 0;
    /// The same for a connection that was open when the effect was put on: bytes may have passed
    /// that nobody looked at, and answers may be on their way. What understands what passes must
    /// find its place first; to the others it makes no difference.
    [[nodiscard]] virtual Stages attach_midway(Random random, Tally& tally) {
        return attach(random, tally);
    }

    [[nodiscard]] virtual Door door() const { return Door::open; }
    [[nodiscard]] virtual OpenConnections open_connections() const { return OpenConnections::keep; }
    /// When the effect is taken away from a connection: end it instead of letting it go on
    /// (Toxiproxy's `timeout` does).
    [[nodiscard]] virtual OpenConnections when_removed() const { return OpenConnections::keep; }
};

}  // namespace faultline::link
