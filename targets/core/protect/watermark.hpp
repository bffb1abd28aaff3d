// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "targets/core/protect/disk.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// How much of the log is known to have been synced. Written after each sync and itself not synced:
/// it outlives the process, and after a power loss it is at worst behind, never ahead.
struct Watermark {
    std::uint64_t segment = 0;  // its number
    std::uint64_t salt = 0;     // its salt: numbers may be given again after damage
    std::size_t bytes = 0;      // of that segment, header included
    Index last_index = 0;
};

class WatermarkFile {
  public:
    [[nodiscard]] static Result<WatermarkFile> open(const disk::Path& folder);
    /// None: never written, or damaged; nothing is known then.
    [[nodiscard]] Result<std::optional<Watermark>> read() const;
    [[nodiscard]] Result<> write(const Watermark& mark) const;

  private:
    WatermarkFile(disk::Path path, disk::UniqueFd fd)
        : path_(std::move(path)), fd_(std::move(fd)) {}

    disk::Path path_;
    disk::UniqueFd fd_;
};

}  // namespace ftcore
