// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

#include "harness/base/check.hpp"
#include "harness/base/command.hpp"
#include "harness/load/drivers/drivers.hpp"
#include "harness/load/poller.hpp"
#include "harness/load/schedule.hpp"

namespace faultline {
namespace {

constexpr std::uint8_t no_endpoint = 0xFF;

Settlement judge(const Result<CommandResult>& result) {
    if (!result) return {Outcome::failed, Failure::refused};
    if (result->timed_out) return {Outcome::unknown, Failure::timeout};
    if (!result->exit_code) return {Outcome::unknown, Failure::unexpected};
    const auto version = static_cast<std::uint32_t>(*result->exit_code);
    if (version != 0) return {Outcome::failed, Failure::error_reply, version};
    return {};
}

/// Commands as operations: one thread keeps the schedule and the log, `concurrency` workers run
/// them.
///
///     keeper --started--> [waiting] --> worker --> [done] --> keeper
///
/// Thread: the log is the keeper's; the two queues are guarded by `mutex_`.
class ExecLoad final : public Load {
  public:
    ExecLoad(const LoadSpec& spec,
             LoadTargets targets,
             std::vector<std::string> words,
             int concurrency,
             Poller poller,
             const Random& random)
        : spec_(spec),
          targets_(std::move(targets)),
          words_(std::move(words)),
          concurrency_(concurrency),
          store_(spec.timeout),
          poller_(std::move(poller)),
          schedule_(spec.arrivals, spec.rate, random.fork("arrivals")) {}
    ~ExecLoad() override { stop(); }

    [[nodiscard]] Result<> start() override;
    void stop() override;
    [[nodiscard]] LoadProgress progress() const override { return store_.progress(); }
    [[nodiscard]] std::vector<Operation> settled_since(std::size_t first) const override {
        return store_.settled_since(first);
    }
    [[nodiscard]] OperationLog take_log() override {
        FL_CHECK(!keeper_.joinable());
        return store_.take();
    }
    [[nodiscard]] std::vector<std::string> operation_kinds() const override { return {"command"}; }
    [[nodiscard]] WriteCheck check_writes(Instant) override {
        return WriteCheck{.note = "the exec driver cannot read back what its commands wrote"};
    }

  private:
    struct Waiting {
        std::size_t index;
        Instant deadline;
    };
    struct Done {
        std::size_t index;
        Instant end;
        Settlement settlement;
        std::uint8_t endpoint;
        bool ran;
    };

    void keep();
    void issue(Instant now);
    Instant expire(Instant now);
    void collect();
    void cancel_waiting();
    void work();
    [[nodiscard]] Done run(const Waiting& waiting);

    const LoadSpec spec_;
    const LoadTargets targets_;
    const std::vector<std::string> words_;
    const int concurrency_;
    OperationStore store_;
    Poller poller_;
    Schedule schedule_;
    std::atomic<bool> stop_requested_{false};
    std::mutex mutex_;
    std::condition_variable work_there_;
    std::deque<Waiting> waiting_;
    std::vector<Done> done_;
    bool workers_end_ = false;
    std::vector<std::thread> workers_;
    std::thread keeper_;
};

Result<> ExecLoad::start() {
    try {
        for (int i = 0; i < concurrency_; ++i)
            workers_.emplace_back([this] { work(); });
        keeper_ = std::thread([this] { keep(); });
    } catch (const std::system_error& error) {
        stop();
        return fail(std::string("load: a thread cannot be started: ") + error.what());
    }
    return {};
}

void ExecLoad::stop() {
    stop_requested_ = true;
    poller_.wake();
    if (keeper_.joinable()) keeper_.join();
    {
        const std::lock_guard lock(mutex_);
        workers_end_ = true;
    }
    work_there_.notify_all();
    for (std::thread& worker : workers_)
        worker.join();
    workers_.clear();
}

void ExecLoad::keep() {
    make_waits_precise();
    schedule_.begin(now());
    for (;;) {
        const bool stopping = stop_requested_;
        const Instant at = now();
        if (!stopping) issue(at);
        collect();
        if (stopping) cancel_waiting();
        const Instant first_expiry = expire(at);
        const std::size_t settled = store_.publish();
        if (stopping && settled == store_.size()) return;
        static_cast<void>(
            poller_.wait(stopping ? first_expiry : std::min(first_expiry, schedule_.next()), at));
    }
}

void ExecLoad::issue(Instant now) {
    while (schedule_.next() <= now && !store_.full()) {
        const std::size_t index = store_.size();
        store_.append(schedule_.next()).lag_us = lag_between(schedule_.next(), now);
        schedule_.advance();
        {
            const std::lock_guard lock(mutex_);
            waiting_.push_back({index, store_.deadline(index)});
        }
        work_there_.notify_one();
    }
}

/// Waiting commands expire here; running ones are ended by their own timeout and reported. Returns
/// when the next one waiting expires.
Instant ExecLoad::expire(Instant now) {
    const std::lock_guard lock(mutex_);
    while (!waiting_.empty() && waiting_.front().deadline <= now) {
        store_.settle_unsent(waiting_.front().index, Failure::timeout, waiting_.front().deadline);
        waiting_.pop_front();
    }
    return waiting_.empty() ? Instant::max() : waiting_.front().deadline;
}

void ExecLoad::cancel_waiting() {
    const std::lock_guard lock(mutex_);
    for (const Waiting& waiting : waiting_) {
        store_.settle_unsent(waiting.index, Failure::unsent, now());
    }
    waiting_.clear();
}

void ExecLoad::collect() {
    std::vector<Done> done;
    {
        const std::lock_guard lock(mutex_);
        done.swap(done_);
    }
    for (const Done& one : done) {
        Operation& operation = store_[one.index];
        operation.endpoint = one.endpoint;
        if (!one.ran) {
            store_.settle_unsent(one.index, one.settlement.failure, one.end);
        } else {
            store_.settle(one.index, one.settlement, one.end);
        }
    }
}

void ExecLoad::work() {
    for (;;) {
        Waiting next{};
        {
            std::unique_lock lock(mutex_);
            work_there_.wait(lock, [this] { return workers_end_ || !waiting_.empty(); });
            if (workers_end_) return;
            next = waiting_.front();
            waiting_.pop_front();
        }
        Done done = run(next);
        {
            const std::lock_guard lock(mutex_);
            done_.push_back(done);
        }
        poller_.wake();
    }
}

ExecLoad::Done ExecLoad::run(const Waiting& waiting) {
    Command command{.words = words_};
    command.environment["FAULTLINE_SEQUENCE"] = std::to_string(waiting.index);
    std::uint8_t endpoint = no_endpoint;
    std::vector<int> candidates;
    if (targets_.current) candidates = targets_.current();
    if (!targets_.current && !targets_.endpoints.empty()) {
        candidates.push_back(static_cast<int>(waiting.index % targets_.endpoints.size()));
    }
    if (!candidates.empty()) {
        const int chosen = candidates[waiting.index % candidates.size()];
        const Endpoint& place = targets_.endpoints.at(static_cast<std::size_t>(chosen));
        endpoint = static_cast<std::uint8_t>(std::min(chosen, int{no_endpoint}));
        command.environment["FAULTLINE_INSTANCE"] = place.instance;
        command.environment["FAULTLINE_HOST"] = place.host;
        command.environment["FAULTLINE_PORT"] = std::to_string(place.port);
    }
    const Instant begin = now();
    const bool nowhere = targets_.current && candidates.empty();
    if (nowhere || begin >= waiting.deadline) {
        const Failure failure = nowhere ? Failure::refused : Failure::timeout;
        return {waiting.index, begin, {Outcome::failed, failure}, endpoint, false};
    }
    command.timeout = waiting.deadline - begin;
    const auto result = run_command(command);
    return {waiting.index, now(), judge(result), endpoint, result.has_value()};
}

}  // namespace

Result<std::unique_ptr<Load>> make_exec(const LoadSpec& spec,
                                        LoadTargets targets,
                                        const Random& random) {
    using Words = std::vector<std::string>;
    const auto words = spec.parameters.find<Words>("command").value_or(Words{});
    if (words.empty()) return fail("load: \"command\" names no program to run");
    const auto concurrency = spec.parameters.find<std::int64_t>("concurrency").value_or(4);
    FL_TRY(auto poller, Poller::make());
    return std::make_unique<ExecLoad>(
        spec, std::move(targets), words, static_cast<int>(concurrency), std::move(poller), random);
}

Kind exec_kind() {
    Kind kind{.name = "exec",
              .about =
                  "any command as an operation; exit status 0 is success. It finds "
                  "FAULTLINE_SEQUENCE, FAULTLINE_INSTANCE, FAULTLINE_HOST and FAULTLINE_PORT "
                  "in its environment"};
    kind.parameters = {
        {.name = "command",
         .type = ParameterType::texts,
         .help = "program (looked up in PATH) and arguments",
         .required = true},
        {.name = "concurrency",
         .type = ParameterType::integer,
         .help = "commands running at once at most; others wait in line",
         .default_value = "4",
         .minimum = 1,
         .maximum = 256},
    };
    return kind;
}

}  // namespace faultline
