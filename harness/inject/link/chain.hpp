// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "harness/inject/link/stage.hpp"

namespace faultline::link {

/// What a chain stands on.
class ChainEnd : public Outlet {
  public:
    /// A stage closed the connection; what stands below it is still to be delivered.
    virtual void note_close() = 0;
};

/// The stages of one way of a connection, in the order of their effects' places on the link.
/// A stage only ever calls down: into what stands below it, in the end into `bottom`.
/// Requires: nothing but `push`, `finish` and `advance_due` calls stages, and the chain is not
/// changed by what they call.
/// Thread: the engine's.
class Chain {
  public:
    /// `bottom` outlives the chain.
    explicit Chain(ChainEnd& bottom) : bottom_(bottom) {}

    [[nodiscard]] bool empty() const { return nodes_.empty(); }

    void push(Chunk chunk) { top().push(std::move(chunk)); }
    void finish(Instant at) { top().finish(at); }

    /// Puts a stage at `place`; one that is there is released into what is below.
    void put(std::uint64_t place, std::unique_ptr<Stage> stage, Instant now);
    /// Releases the stage at `place`, if any, and takes it out.
    void take(std::uint64_t place, Instant now);
    /// Retires it: it goes now, or, with `keep` alive so long, when a `sweep` finds it retired.
    void retire(std::uint64_t place, Instant now, std::shared_ptr<const void> keep);
    /// Takes out what has retired. Requires: no stage is being called.
    void sweep(Instant now);
    /// Forgets all stages with what they hold.
    void clear() { nodes_.clear(); }

    /// The earliest instant at which a stage wants to be advanced.
    [[nodiscard]] Instant wake() const;
    /// Advances each stage that is due, once. Returns whether any was.
    bool advance_due(Instant now);
    /// Whether every stage takes more.
    [[nodiscard]] bool accepts() const;
    [[nodiscard]] std::size_t held() const;

  private:
    /// A stage, seen from above.
    class Node final : public Outlet {
      public:
        Node(std::uint64_t place, std::unique_ptr<Stage> stage, ChainEnd& bottom)
            : place_(place), stage_(std::move(stage)), bottom_(bottom) {}
        void push(Chunk chunk) override;
        void finish(Instant at) override;
        void reset() override { below_->reset(); }
        void close() override;
        /// Passes on what the stage holds, and the end of the stream if it had come this far.
        void release(Instant now);
        /// The same for one that may stay until what it began is over. False: it stays.
        [[nodiscard]] bool retire(Instant now, std::shared_ptr<const void> keep);
        /// Whether it stayed, and may go now.
        [[nodiscard]] bool retired() const { return retiring_ && stage_->retired(); }
        void leave(Instant now);

        [[nodiscard]] std::uint64_t place() const { return place_; }
        [[nodiscard]] Stage& stage() const { return *stage_; }
        [[nodiscard]] Outlet& below() const { return *below_; }
        void stand_on(Outlet& below) { below_ = &below; }
        void replace(std::unique_ptr<Stage> stage) { stage_ = std::move(stage); }

      private:
        std::uint64_t place_;
        std::shared_ptr<const void> keep_;  // what a stage that stays refers to
        std::unique_ptr<Stage> stage_;
        bool retiring_ = false;
        ChainEnd& bottom_;
        Outlet* below_ = nullptr;
        bool finished_ = false;  // nothing more comes from above
    };

    [[nodiscard]] Outlet& top() const;
    [[nodiscard]] std::size_t find(std::uint64_t place) const;
    void join();

    ChainEnd& bottom_;
    std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace faultline::link
