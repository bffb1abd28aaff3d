// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"
#include "harness/inject/link/effect.hpp"

namespace faultline::link {

/// A link of an engine. Never used again after it was removed.
enum class LinkId : std::uint32_t {};

/// One link: what connects to `listen` is connected on to `upstream`.
/// Addresses: "127.0.0.1:80", "[::1]:80", "localhost:80", ":80" (loopback), "unix:/path"; port 0
/// lets the kernel choose. Names are resolved when the link is opened, never on the engine's
/// thread; each of an upstream's addresses is tried. While an upstream refuses or does not answer
/// in time, clients are accepted and reset: an end of file would look like an answer that is over.
struct LinkOptions {
    std::string name;  // unique in an engine; the connections' randomness hangs on it
    std::string listen;
    std::string upstream;
    bool enabled = true;
};

/// Several links that share one listening address; who connects decides which link it is.
struct SharedLinkOptions {
    std::string listen;
    std::string upstream;
    std::vector<std::string> names;  // one link each
    /// Index into `names` for an accepted connection, or -1: passes without effects.
    /// Thread: the engine's; must be quick.
    std::function<int(int descriptor)> choose;
};

/// One step of a change: puts an effect on a link, replaces it, or (null) takes it away.
struct Change {
    LinkId link;
    std::string id;  // of the effect on that link
    std::shared_ptr<Effect> effect{};
    std::shared_ptr<Tally> tally{};
    /// Each connection draws once, from its own randomness, whether the effect is for it; replacing
    /// an effect of the same id keeps the draw. 0 touches none, 1 all.
    double probability = 1;
};

/// What went through a link since it was opened. Bytes are counted as they pass, not at the end.
struct LinkCounts {
    std::uint64_t accepted = 0;
    std::uint64_t open = 0;
    std::uint64_t connect_failures = 0;  // upstream refused or did not answer
    std::uint64_t turned_away = 0;       // closed at once: no descriptors, or too many connections
    struct Flow {
        std::uint64_t received = 0;
        std::uint64_t sent = 0;
    };
    Flow up{};
    Flow down{};
};

/// A TCP and Unix socket proxy with effects: one thread, epoll, for all its links.
///
///   accept ─► connect upstream ─► per way: read ─► [stages] ─► write     (back-pressure through)
///                                          └── none: splice or one shared buffer ──┘
///
/// Half-close, RST and back-pressure pass through; an upstream that is down or does not answer
/// concerns its own connection only. A connection holds at most `held_bytes_max` per way.
/// Every function may be called from any thread; changes take effect in one turn of the engine's
/// thread, on open connections too, before any other byte moves, and have done so on return.
class Engine {
  public:
    struct Options {
        std::uint64_t seed = 0;
        std::size_t held_bytes_max = 16U << 20;  // per way of a connection
        std::size_t connections_max = 100'000;
        Duration connect_timeout = std::chrono::seconds(30);
        /// SCHED_FIFO for the thread where permitted, else the highest priority it may have.
        bool realtime = false;
    };
    [[nodiscard]] static Result<std::unique_ptr<Engine>> start(Options options);
    /// Closes every listener and resets every connection.
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Errors: `exists` (name), `invalid` (address), and what the kernel says with the address
    /// ("listen tcp 127.0.0.1:80: bind: address already in use"); nothing is left behind then.
    [[nodiscard]] Result<LinkId> open(LinkOptions options);
    [[nodiscard]] Result<std::vector<LinkId>> open_shared(SharedLinkOptions options);
    /// Stops listening and ends its connections (FIN after what is in flight where it can be
    /// written at once, else RST); effects go with it. Never waits for a peer.
    void remove(LinkId link);
    /// Listens again, or stops listening and ends the open connections; meanwhile the address is
    /// free for others. Errors: as `open`; the link is then disabled and keeps its last working
    /// address. A link that shares its address resets who comes instead.
    [[nodiscard]] Result<> set_enabled(LinkId link, bool enabled);
    /// Moves a link to other addresses; open connections end. Errors: as `open`, and `invalid` for
    /// a link that shares its address; nothing changes.
    [[nodiscard]] Result<> set_addresses(LinkId link,
                                         const std::string& listen,
                                         const std::string& upstream);

    /// All of them in one turn, in order. Effects work in the order in which their ids came to the
    /// link. Requires: the links are there (unknown ones are ignored: they were just removed).
    void apply(std::vector<Change> changes);

    [[nodiscard]] LinkCounts counts(LinkId link) const;
    /// The address really bound, numeric ("127.0.0.1:34567"); empty for an unknown link.
    [[nodiscard]] std::string listen_address(LinkId link) const;
    /// As it was given.
    [[nodiscard]] std::string upstream_address(LinkId link) const;
    [[nodiscard]] bool enabled(LinkId link) const;

  private:
    struct State;
    explicit Engine(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace faultline::link
