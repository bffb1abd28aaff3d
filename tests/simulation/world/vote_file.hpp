// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <utility>

#include "targets/core/protect/log_codec.hpp"

namespace ftcore::simulation {

/// The two slots that hold term and vote. A change goes into one after the other; it counts when
/// both are synced.
class VoteFile {
  public:
    /// A new file is whole before anything else is done.
    VoteFile() { slots_.fill(vote_slot({}, count_)); }

    void write(HardState state) { pending_ = vote_slot(state, ++count_); }
    void sync() {
        if (!pending_.empty()) slots_.fill(pending_);
        pending_.clear();
    }

    /// A change that was not synced is there in whole, in one slot, in a part of one, or not at
    /// all.
    void power_loss(Random& random) {
        if (pending_.empty()) return;
        const std::size_t kept = static_cast<std::size_t>(random.below(2 * vote_slot_bytes + 1));
        for (std::size_t at = 0; at < kept; ++at)
            slots_[at / vote_slot_bytes][at % vote_slot_bytes] = pending_[at % vote_slot_bytes];
        pending_.clear();
    }

    /// Flips a bit in one of the slots. False: one is flipped already, and the promise is about
    /// one.
    [[nodiscard]] bool flip(Random& random) {
        if (std::exchange(flipped_, true)) return false;
        std::string& slot = slots_[static_cast<std::size_t>(random.below(slots_.size()))];
        char& byte = slot[static_cast<std::size_t>(random.below(slot.size()))];
        byte = static_cast<char>(byte ^ (1 << random.below(8)));
        return true;
    }

    /// Reads the slots and, as production does, writes what was found into both again.
    [[nodiscard]] VoteScan recover() {
        sync();
        flipped_ = false;
        const VoteScan scan = scan_votes(slots_[0], slots_[1]);
        count_ = scan.count;
        if (!scan.damaged && scan.count > 0) {
            write(scan.state);
            sync();
        }
        return scan;
    }

  private:
    std::array<std::string, 2> slots_{};
    std::string pending_{};
    bool flipped_ = false;
    std::uint64_t count_ = 1;
};

}  // namespace ftcore::simulation
