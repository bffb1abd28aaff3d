// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "harness/base/time.hpp"

namespace faultline::link {

/// Whether it pays to poll for the next event for a moment before sleeping. Being woken costs 20 us
/// and more, twice per round trip; that is most of what a proxy adds to a lone conversation. With
/// many conversations the processor is better left to their ends, and when the answers take their
/// time polling only burns it. So: only while the last events came from a few sockets, each soon
/// after the one before.
/// Thread: one.
class Eagerness {
  public:
    static constexpr Duration window = std::chrono::microseconds(50);

    /// Something happened on a socket.
    void heard(const void* socket) {
        if (std::find(recent_.begin(), recent_.end(), socket) != recent_.end()) {
            crowded_ -= crowded_ > 0 ? 1 : 0;
            return;
        }
        recent_[next_] = socket;
        next_ = (next_ + 1) % recent_.size();
        crowded_ = events_before_polling;
    }

    /// Many bytes were moved: their ends have work to do meanwhile.
    void heard_bulk() { crowded_ = events_before_polling; }

    /// The last event was waited for so long, sleeping or polling.
    void waited(Duration took) {
        if (took > window) {
            hesitation_ = short_waits_before_polling;
        } else if (hesitation_ > 0) {
            --hesitation_;
        }
    }

    [[nodiscard]] bool polls() const { return crowded_ == 0 && hesitation_ == 0; }

  private:
    static constexpr unsigned events_before_polling = 16;
    /// On a machine without a free core polling keeps the one who is waited for from running: then
    /// it fails, and must cost little.
    static constexpr unsigned short_waits_before_polling = 16;

    std::array<const void*, 4> recent_{};
    std::size_t next_ = 0;
    unsigned crowded_ = events_before_polling;
    unsigned hesitation_ = short_waits_before_polling;
};

}  // namespace faultline::link
