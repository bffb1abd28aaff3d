// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "faultline/failpoint.hpp"

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"

/// System calls on files, their results as values. `pretended` is what the place's fail point says:
/// 0, or the errno that the call is to fail with instead of being made.
///
///   FL_TRY_VOID(disk::sync_data(FL_FAILPOINT("wal.sync"), fd, path));
///
/// Errors: with the path; `no_space` when the disk (or the quota) is full.
namespace ftcore::disk {

using Path = std::filesystem::path;
using faultline::Result;
using faultline::UniqueFd;

[[nodiscard]] Result<UniqueFd> open_file(int pretended, const Path& path, int flags);
/// Writes all of `bytes`. Errors: a part may have been written.
[[nodiscard]] Result<> write_at(
    int pretended, int fd, std::size_t offset, std::string_view bytes, const Path& path);
/// Data and what is needed to read it back. Errors: the kernel may have dropped the pages and call
/// them clean; never try again. Source: Rebello et al., "Can Applications Recover from fsync
/// Failures?" (2020).
[[nodiscard]] Result<> sync_data(int pretended, int fd, const Path& path);
/// Reserves space, so that later writes change no metadata but the blocks' state. File systems that
/// cannot are fine.
[[nodiscard]] Result<> preallocate(int pretended, int fd, std::size_t bytes, const Path& path);
[[nodiscard]] Result<> cut(int pretended, int fd, std::size_t bytes, const Path& path);
[[nodiscard]] Result<> rename_file(int pretended, const Path& from, const Path& to);
[[nodiscard]] Result<> sync_folder(int pretended, const Path& folder);
/// A file that is not there is fine.
[[nodiscard]] Result<> remove_file(int pretended, const Path& path);

/// Bytes read from a file, without the cost of clearing them first.
struct Bytes {
    std::unique_ptr<char[]> start{};
    std::size_t size = 0;
    std::size_t room = 0;
    [[nodiscard]] std::string_view view() const { return {start.get(), size}; }
};
/// Up to `bytes_max` bytes from `offset` on; fewer at the end of the file.
[[nodiscard]] Result<Bytes> read_at(
    int pretended, int fd, std::size_t offset, std::size_t bytes_max, const Path& path);
/// The same into `bytes`, whose memory is used again: new pages cost more than what is read into
/// them.
[[nodiscard]] Result<> read_into(Bytes& bytes,
                                 int pretended,
                                 int fd,
                                 std::size_t offset,
                                 std::size_t bytes_max,
                                 const Path& path);
[[nodiscard]] Result<std::size_t> file_bytes(int fd, const Path& path);

/// The names in a folder, sorted.
[[nodiscard]] Result<std::vector<std::string>> list_folder(const Path& folder);

}  // namespace ftcore::disk
