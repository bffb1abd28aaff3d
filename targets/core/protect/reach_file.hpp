// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/protect/disk.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// The index that the log must reach after damage, kept until it is reached, so that a second crash
/// does not forget it.
class ReachFile {
  public:
    explicit ReachFile(const disk::Path& folder) : path_(folder / "must_reach") {}

    /// 0: none. Errors: it is there and cannot be read; without it the node must not vote.
    [[nodiscard]] Result<Index> read() const;
    [[nodiscard]] Result<> write(Index index) const;
    [[nodiscard]] Result<> clear() const {
        return disk::remove_file(FL_FAILPOINT("reach.remove"), path_);
    }

  private:
    disk::Path path_;
};

}  // namespace ftcore
