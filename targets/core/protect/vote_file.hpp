// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/protect/disk.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// What the vote file says.
struct VoteFileRead {
    bool there = false;
    HardState state{};
    std::uint64_t count = 0;
    bool damaged = false;  // it is there and no slot is readable
    bool uneven = false;   // one slot is not whole, or older
};
[[nodiscard]] Result<VoteFileRead> read_vote_file(const disk::Path& folder);

/// Term and vote on disk, in two slots a page apart, written one after the other with a sync each:
/// at any instant one of them is whole, and afterwards both say the same.
class VoteFile {
  public:
    /// Makes the file, or makes its slots equal again, so that both hold `state`.
    [[nodiscard]] static Result<VoteFile> open(const disk::Path& folder,
                                               const VoteFileRead& read,
                                               HardState state);

    /// Errors: not on disk for sure; the file must be replaced.
    [[nodiscard]] Result<> write(HardState state);
    /// A new file in place of one that a write or sync failed on. It has its name when it is whole.
    [[nodiscard]] Result<> replace(HardState state);

  private:
    VoteFile(disk::Path folder, std::uint64_t count);
    [[nodiscard]] Result<> write_slots(int fd, HardState state);

    disk::Path folder_;
    disk::Path path_;
    disk::UniqueFd fd_{};
    std::uint64_t count_;
};

}  // namespace ftcore
