// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "harness/timeline/event.hpp"

namespace faultline {

/// Where all events of a trial come together, and who wants to hear of them.
/// Thread: the trial's.
class EventRecorder {
  public:
    using Listener = std::function<void(const Event&)>;

    void add(Event event) {
        if (closed_ || events_.size() >= events_max) return;
        events_.push_back(std::move(event));
        // A listener may add events of its own: go by index and hand out a copy.
        const Event latest = events_.back();
        for (std::size_t i = 0; i < listeners_.size(); ++i)
            listeners_[i](latest);
    }
    void listen(Listener listener) { listeners_.push_back(std::move(listener)); }
    /// What comes later (the teardown's exits) is not part of the trial.
    void close() { closed_ = true; }
    [[nodiscard]] const std::vector<Event>& events() const { return events_; }
    [[nodiscard]] std::vector<Event> take() { return std::move(events_); }
    [[nodiscard]] bool full() const { return events_.size() >= events_max; }

  private:
    static constexpr std::size_t events_max = 1'000'000;
    std::vector<Event> events_;
    std::vector<Listener> listeners_;
    bool closed_ = false;
};

}  // namespace faultline
