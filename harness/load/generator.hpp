// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "harness/base/random.hpp"
#include "harness/load/load.hpp"
#include "harness/load/operation_store.hpp"
#include "harness/load/poller.hpp"
#include "harness/load/pool.hpp"
#include "harness/load/protocol.hpp"
#include "harness/load/schedule.hpp"

namespace faultline {

/// The open-loop generator of every protocol that talks over connections.
///
///     Schedule --intended start--> line --room--> Pool --reply, loss--> OperationStore
///                                    `--deadline, refusal------------------^
///
/// The line holds operations that are due but not sent: always the newest ones of the store, so it
/// is only a number, where it begins. Operations leave it in order
///   - into a connection with room, while fewer than `in_flight_max` are in flight;
///   - at their deadline: failed, `timeout` (never sent);
///   - when an attempt to connect fails and no connection is up: failed, `refused`, unless the
///     protocol sends again what was not executed;
///   - at the end of the load: failed, `unsent`.
/// Intended starts are never moved or left out, however late the generator is.
/// Thread: one of its own runs everything below `run`; the public functions are the trial's.
class Generator final : public Load {
  public:
    Generator(const LoadSpec& spec,
              std::unique_ptr<Protocol> protocol,
              Poller poller,
              const Random& random);
    ~Generator() override;

    [[nodiscard]] Result<> start() override;
    void stop() override;
    [[nodiscard]] LoadProgress progress() const override {
        LoadProgress progress = store_.progress();
        progress.redirected = pool_.redirected();
        return progress;
    }
    [[nodiscard]] std::vector<Operation> settled_since(std::size_t first) const override {
        return store_.settled_since(first);
    }
    [[nodiscard]] OperationLog take_log() override;
    [[nodiscard]] std::vector<std::string> operation_kinds() const override {
        return protocol_->operation_kinds();
    }
    [[nodiscard]] WriteCheck check_writes(Instant deadline) override;

  private:
    void run();
    void connect_first();
    Instant step(Instant now, bool stopping);
    void handle_events(Instant until, Instant now);
    void issue(Instant now);
    void dispatch();
    void note_waiting(Instant now);
    void expire(Instant now);
    void fail_line(Failure failure, Instant now);
    [[nodiscard]] bool line_empty() const { return line_begin_ == store_.size(); }

    const LoadSpec spec_;
    std::unique_ptr<Protocol> protocol_;
    OperationStore store_;
    Poller poller_;
    Pool pool_;
    Schedule schedule_;
    Random draws_;
    std::size_t line_begin_ = 0;
    std::size_t waited_end_ = 0;  // operations from here on never had to wait in line
    std::atomic<bool> stop_requested_{false};
    std::thread thread_;
};

}  // namespace faultline
