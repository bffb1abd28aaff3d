// SPDX-License-Identifier: Apache-2.0
#include "harness/base/loop.hpp"

#include <atomic>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace faultline {
namespace asio = boost::asio;

struct Timer::State {
    asio::steady_timer timer;
    // A handler that is already queued when the timer goes away must not run; the handler and the
    // timer share this flag because neither outlives the other for certain.
    std::shared_ptr<bool> armed = std::make_shared<bool>(true);
    ~State() { *armed = false; }
    explicit State(asio::io_context& context) : timer(context) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

Timer::Timer() = default;
Timer::Timer(Timer&&) noexcept = default;
Timer& Timer::operator=(Timer&&) noexcept = default;
Timer::~Timer() = default;
void Timer::cancel() {
    state_.reset();
}

struct Loop::State {
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    std::atomic<bool> interrupted{false};
};

Loop::Loop() : state_(std::make_unique<State>()) {}
Loop::~Loop() = default;

asio::io_context& Loop::context() {
    return state_->context;
}

bool Loop::wait_until(Instant deadline, const std::function<bool()>& condition) {
    while (!condition()) {
        if (state_->interrupted || now() >= deadline) return false;
        state_->context.run_one_until(deadline);
    }
    return true;
}

void Loop::run_until(Instant deadline) {
    wait_until(deadline, [] { return false; });
}

Timer Loop::call_at(Instant when, std::function<void()> action) {
    Timer timer;
    timer.state_ = std::make_unique<Timer::State>(state_->context);
    timer.state_->timer.expires_at(when);
    timer.state_->timer.async_wait(
        [action = std::move(action), armed = timer.state_->armed](boost::system::error_code error) {
            if (!error && *armed) action();
        });
    return timer;
}

void Loop::post(std::function<void()> action) {
    asio::post(state_->context, std::move(action));
}

void Loop::interrupt() {
    state_->interrupted = true;
    asio::post(state_->context, [] {});
}

bool Loop::interrupted() const {
    return state_->interrupted;
}

void Loop::resume_after_interrupt() {
    state_->interrupted = false;
}

}  // namespace faultline
