// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "harness/base/file.hpp"
#include "harness/inject/link/byte_queue.hpp"
#include "harness/inject/link/chain.hpp"
#include "harness/inject/link/pipe_pool.hpp"
#include "harness/inject/link/tally.hpp"

namespace faultline::link {

/// One of a connection's two sockets, watched for edges: what an event said stays true until the
/// kernel says otherwise.
struct Socket {
    UniqueFd fd{};
    bool connected = false;
    bool readable = false;
    bool writable = false;
    /// A hang-up or an urgent byte is on its way, at which reads stop short: only EAGAIN or the end
    /// then means that all is read.
    bool read_to_end = false;
    /// Reset, or broken otherwise. What had arrived before can still be read.
    bool failed = false;
    bool told_end = false;  // FIN was sent
};

/// One way of a connection:
///
///   source ─► [stages] ─► queue ─► sink        with stages
///   source ─► scratch ──────────► sink         without; what the sink does not take: queue
///   source ─► pipe ─────────────► sink         without, while reads come back full
///
/// Nothing is read while the last row's pipe or the middle row's queue has something in it, and
/// with stages while they and the queue hold the bound: that is the back-pressure. The pipe goes
/// out before the queue: it only ever fills when the queue is empty.
/// Thread: the engine's.
class Flow {
  public:
    struct Counts {
        Tally::Count received;
        Tally::Count sent;
    };
    /// What the flows of an engine share.
    struct Means {
        std::span<char> scratch;
        PipePool& pipes;
        std::size_t held_bytes_max;
    };
    enum class Request : std::uint8_t { none, close, reset };

    /// All outlive the flow.
    Flow(Socket& source, Socket& sink, Counts& counts, Means& means);
    ~Flow();
    Flow(const Flow&) = delete;
    Flow& operator=(const Flow&) = delete;

    /// Moves some bytes where they can be moved, and takes them from `budget`. Returns whether
    /// anything moved; false: an event or a stage must come first.
    bool step(std::size_t& budget);

    [[nodiscard]] Chain& chain() { return chain_; }
    [[nodiscard]] const Chain& chain() const { return chain_; }
    /// What a stage asked for the connection.
    [[nodiscard]] Request request() const { return bottom_.request; }

    /// The source has ended, or is gone.
    [[nodiscard]] bool ended() const { return ended_; }
    /// All is written: now the sink may be told the end.
    [[nodiscard]] bool complete() const { return bottom_.finished && empty(); }
    /// Nothing waits for the sink.
    [[nodiscard]] bool empty() const { return bottom_.queue.empty() && in_pipe_ == 0; }

    /// From now on what comes from the source is dropped.
    void discard_source() { discarding_ = true; }
    /// No more will come down from the stages either.
    void cut();
    /// There is no such socket.
    void lose_source() { ended_ = true; }

  private:
    /// Where the stages end: what they let through waits here for the socket.
    struct Bottom final : ChainEnd {
        void push(Chunk chunk) override;
        void finish(Instant at) override;
        void reset() override { request = Request::reset; }
        void close() override;
        void note_close() override;

        ByteQueue queue;
        bool finished = false;
        Request request = Request::none;
    };

    bool write_out(std::size_t& budget);
    bool write_pipe(std::size_t& budget);
    bool write_queue(std::size_t& budget);
    bool take_in(std::size_t& budget);
    bool take_into_stages(std::size_t& budget);
    bool copy_on(std::size_t& budget);
    bool splice_on(std::size_t& budget);
    [[nodiscard]] std::size_t read_scratch(std::size_t bytes_max);
    void end_of_source();
    void sink_broke(int error);
    void return_pipe();

    Socket& source_;
    Socket& sink_;
    Counts& counts_;
    Means& means_;
    Bottom bottom_;
    Chain chain_;
    std::optional<Pipe> pipe_;
    std::size_t in_pipe_ = 0;
    unsigned full_reads_ = 0;     // in a row
    unsigned small_splices_ = 0;  // in a row
    bool bulk_ = false;
    bool spliceable_ = true;
    bool ended_ = false;
    bool discarding_ = false;
};

}  // namespace faultline::link
