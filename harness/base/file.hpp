// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "harness/base/result.hpp"

namespace faultline {

/// A file descriptor with one owner, closed on destruction.
class UniqueFd {
  public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        if (this != &other) reset(std::exchange(other.fd_, -1));
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
    [[nodiscard]] int release() { return std::exchange(fd_, -1); }
    void reset(int fd = -1);

  private:
    int fd_ = -1;
};

/// The whole file. Errors: with the path; `not_found`, `permission`, `invalid` for a folder.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path);

/// Replaces the file in one step: a temporary beside it, fsync, rename, fsync of the folder.
[[nodiscard]] Result<> write_file(const std::filesystem::path& path, std::string_view content);

/// Writes all of `content` to `fd`, whatever the kernel takes at a time.
[[nodiscard]] Result<> write_all(int fd, std::string_view content);

/// Writes an existing kernel file (cgroup, /proc) with one write(2).
[[nodiscard]] Result<> write_control(const std::filesystem::path& path, std::string_view content);

[[nodiscard]] Result<> make_folder(const std::filesystem::path& path);
/// Removes a tree; a path that is not there is fine.
[[nodiscard]] Result<> remove_tree(const std::filesystem::path& path);

/// The folder of the running program, for finding its neighbours.
[[nodiscard]] std::filesystem::path program_folder();

}  // namespace faultline
