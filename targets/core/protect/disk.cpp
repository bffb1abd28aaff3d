// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/disk.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace ftcore::disk {
namespace {

using faultline::fail_errno;

/// The result of a call that answers -1 and errno, or the error that is pretended.
Result<> outcome(int pretended, const std::string& doing, auto call) {
    if (pretended != 0) return fail_errno(doing, pretended);
    int answer = -1;
    do {
        answer = call();
    } while (answer < 0 && errno == EINTR);
    if (answer < 0) return fail_errno(doing, errno);
    return {};
}

}  // namespace

Result<UniqueFd> open_file(int pretended, const Path& path, int flags) {
    constexpr mode_t mode = 0600;
    UniqueFd fd;
    FL_TRY_VOID(outcome(pretended, "opening " + path.string(), [&] {
        fd.reset(::open(path.c_str(), flags | O_CLOEXEC, mode));
        return fd.get();
    }));
    return fd;
}

Result<> write_at(
    int pretended, int fd, std::size_t offset, std::string_view bytes, const Path& path) {
    if (pretended != 0) return fail_errno("writing " + path.string(), pretended);
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_errno("writing " + path.string(), errno);
        if (count == 0) return fail_errno("writing " + path.string(), EIO);
        offset += static_cast<std::size_t>(count);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<> sync_data(int pretended, int fd, const Path& path) {
    // Not through `outcome`: a sync that was interrupted is not tried again either.
    if (pretended != 0) return fail_errno("syncing " + path.string(), pretended);
    if (::fdatasync(fd) != 0) return fail_errno("syncing " + path.string(), errno);
    return {};
}

Result<> preallocate(int pretended, int fd, std::size_t bytes, const Path& path) {
    auto done = outcome(pretended, "reserving space for " + path.string(), [&] {
        return ::fallocate(fd, 0, 0, static_cast<off_t>(bytes));
    });
    if (!done && done.error().code == faultline::ErrorCode::unsupported) return {};
    return done;
}

Result<> cut(int pretended, int fd, std::size_t bytes, const Path& path) {
    return outcome(pretended, "cutting " + path.string(), [&] {
        return ::ftruncate(fd, static_cast<off_t>(bytes));
    });
}

Result<> rename_file(int pretended, const Path& from, const Path& to) {
    return outcome(pretended, "renaming " + from.string() + " to " + to.filename().string(), [&] {
        return ::rename(from.c_str(), to.c_str());
    });
}

Result<> sync_folder(int pretended, const Path& folder) {
    FL_TRY(const UniqueFd fd, open_file(pretended, folder, O_RDONLY | O_DIRECTORY));
    if (::fsync(fd.get()) != 0) return fail_errno("syncing the folder " + folder.string(), errno);
    return {};
}

Result<> remove_file(int pretended, const Path& path) {
    auto done =
        outcome(pretended, "removing " + path.string(), [&] { return ::unlink(path.c_str()); });
    if (!done && done.error().code == faultline::ErrorCode::not_found) return {};
    return done;
}

Result<Bytes> read_at(
    int pretended, int fd, std::size_t offset, std::size_t bytes_max, const Path& path) {
    Bytes bytes;
    FL_TRY_VOID(read_into(bytes, pretended, fd, offset, bytes_max, path));
    return bytes;
}

Result<> read_into(Bytes& bytes,
                   int pretended,
                   int fd,
                   std::size_t offset,
                   std::size_t bytes_max,
                   const Path& path) {
    if (pretended != 0) return fail_errno("reading " + path.string(), pretended);
    if (!bytes.start || bytes.room < bytes_max) {
        bytes.start = std::make_unique_for_overwrite<char[]>(bytes_max);
        bytes.room = bytes_max;
    }
    bytes.size = 0;
    while (bytes.size < bytes_max) {
        const ssize_t count = ::pread(fd,
                                      bytes.start.get() + bytes.size,
                                      bytes_max - bytes.size,
                                      static_cast<off_t>(offset + bytes.size));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_errno("reading " + path.string(), errno);
        if (count == 0) break;
        bytes.size += static_cast<std::size_t>(count);
    }
    return {};
}

Result<std::size_t> file_bytes(int fd, const Path& path) {
    struct stat status {};
    FL_TRY_VOID(outcome(0, "looking at " + path.string(), [&] { return ::fstat(fd, &status); }));
    return static_cast<std::size_t>(status.st_size);
}

Result<std::vector<std::string>> list_folder(const Path& folder) {
    std::error_code error;
    std::vector<std::string> names;
    auto at = std::filesystem::directory_iterator(folder, error);
    while (!error && at != std::filesystem::directory_iterator()) {
        names.push_back(at->path().filename().string());
        at.increment(error);
    }
    if (error) return fail_errno("listing " + folder.string(), error.value());
    std::ranges::sort(names);
    return names;
}

}  // namespace ftcore::disk
