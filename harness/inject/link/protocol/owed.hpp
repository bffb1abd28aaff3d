// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "harness/base/time.hpp"

namespace faultline::link {

/// What is owed to the one who asks, in the order of the requests: both protocols answer in order.
class OwedAnswers {
  public:
    enum class By : std::uint8_t {
        server,  // it was forwarded; the server answers
        us,      // answered here
        end,     // instead of an answer the connection ends
        nobody,  // from here on no requests are answered: everything passes
    };
    struct Owed {
        By by = By::server;
        bool head_only = false;
        bool closes = false;      // by us: the connection ends after it
        std::uint64_t count = 1;  // so many alike, by the server
        Instant at{};             // when the request was complete
    };

    void add(Owed owed) {
        if (owed.by == By::us || owed.by == By::end) ++ours_;
        if (owed.by == By::server && !queue_.empty()) {
            Owed& last = queue_.back();
            if (last.by == By::server && last.head_only == owed.head_only) {
                last.count += owed.count;
                return;
            }
        }
        queue_.push_back(owed);
    }
    [[nodiscard]] bool empty() const { return queue_.empty(); }
    /// Requires: not empty.
    [[nodiscard]] const Owed& front() const { return queue_.front(); }
    /// The first one is given. Requires: not empty.
    void pop() {
        Owed& first = queue_.front();
        if (first.by == By::us || first.by == By::end) --ours_;
        if (--first.count == 0) queue_.pop_front();
    }
    /// How many of them the server does not know of.
    [[nodiscard]] std::size_t ours() const { return ours_; }
    /// Entries, for bounds: answers by the server in a row are one.
    [[nodiscard]] std::size_t size() const { return queue_.size(); }

  private:
    std::deque<Owed> queue_;
    std::size_t ours_ = 0;
};

}  // namespace faultline::link
