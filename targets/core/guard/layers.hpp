// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "targets/core/guard/bulkhead.hpp"
#include "targets/core/guard/call.hpp"
#include "targets/core/guard/circuit_breaker.hpp"
#include "targets/core/guard/clock.hpp"
#include "targets/core/guard/retry.hpp"

/// The guards as layers of `compose`, for threads that block. Each keeps its state behind a lock of
/// its own, held never during the call. Outlives: the clock outlives them. Thread: any.
namespace ftcore::guard {

/// Gives the calls inside at most `span`. The call itself has to obey `context.deadline`: nothing
/// can stop a thread from outside.
class DeadlineLayer {
  public:
    DeadlineLayer(Clock& clock, Duration span) : clock_(&clock), span_(span) {}

    template <class Next>
    auto operator()(CallContext context, Next&& next) -> decltype(next(context)) {
        const Instant now = clock_->now();
        context.deadline = context.deadline.sooner(Deadline::after(now, span_));
        if (context.deadline.passed(now)) {
            return call_refused("deadline",
                                ErrorCode::deadline_exceeded,
                                Retry::never,
                                "not started: the deadline had passed");
        }
        return next(context);
    }

  private:
    Clock* clock_;
    Duration span_;
};

/// Tries again what may be tried again, within the deadline and the budget of all calls.
class RetryLayer {
  public:
    RetryLayer(Clock& clock, RetrySettings settings, Random random);

    template <class Next>
    auto operator()(const CallContext& context, Next&& next) -> decltype(next(context)) {
        RetryCall call = begin(context);
        for (;;) {
            auto result = next(call.context());
            if (result) return result;
            const auto again = after_failure(call, result.error());
            if (!again) return result;
            clock_->wait_until(*again);
        }
    }

  private:
    struct Shared;
    [[nodiscard]] RetryCall begin(const CallContext& context);
    [[nodiscard]] std::optional<Instant> after_failure(RetryCall& call, const CallError& error);

    Clock* clock_;
    std::shared_ptr<Shared> shared_;  // a layer is copied into its `Guarded`, its budget is not
};

/// Refuses calls while the breaker is open.
class BreakerLayer {
  public:
    using Counts = std::function<bool(const CallError&)>;

    BreakerLayer(Clock& clock, BreakerSettings settings, Counts counts = speaks_against_target);

    template <class Next>
    auto operator()(const CallContext& context, Next&& next) -> decltype(next(context)) {
        auto permit = admit();
        if (!permit) return tl::unexpected(std::move(permit).error());
        auto result = next(context);
        record(*permit, result ? nullptr : &result.error());
        return result;
    }

    [[nodiscard]] CircuitBreaker::State state() const;

  private:
    struct Shared;
    [[nodiscard]] CallResult<CircuitBreaker::Permit> admit();
    void record(CircuitBreaker::Permit permit, const CallError* error);

    Clock* clock_;
    std::shared_ptr<Shared> shared_;  // as above
};

/// Lets so many threads through at a time; the others wait, for so long, in order.
class BulkheadLayer {
  public:
    BulkheadLayer(Clock& clock, BulkheadSettings settings);

    template <class Next>
    auto operator()(const CallContext& context, Next&& next) -> decltype(next(context)) {
        if (auto entered = enter(context.deadline); !entered)
            return tl::unexpected(std::move(entered).error());
        const Leaving leaving{this};
        return next(context);
    }

    [[nodiscard]] std::size_t running() const;
    [[nodiscard]] std::size_t waiting() const;

  private:
    struct Shared;
    struct Leaving {  // also when the call throws
        BulkheadLayer* layer;
        ~Leaving() { layer->leave(); }
    };
    [[nodiscard]] CallResult<> enter(Deadline deadline);
    void leave();

    Clock* clock_;
    std::shared_ptr<Shared> shared_;  // as above
};

/// Answers something else when everything inside has failed: a cached value, a default.
/// `Fallback`: CallResult<T>(const CallError&).
template <class Fallback>
class FallbackLayer {
  public:
    explicit FallbackLayer(Fallback fallback) : fallback_(std::move(fallback)) {}

    template <class Next>
    auto operator()(const CallContext& context, Next&& next) -> decltype(next(context)) {
        auto result = next(context);
        if (result) return result;
        return fallback_(result.error());
    }

  private:
    Fallback fallback_;
};

}  // namespace ftcore::guard
