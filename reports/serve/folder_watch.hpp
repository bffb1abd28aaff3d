// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"

namespace faultline::reports {

/// What the kernel says about folders: what comes, changes and goes in them.
/// Source: inotify(7).
class FolderWatch {
  public:
    enum class Kind : std::uint8_t {
        appeared,  // made, or moved there, complete or not
        changed,   // written to
        closed,    // by the last who could write to it
        gone,
        lost,  // the kernel's queue was full: look at everything again
    };
    struct Change {
        Kind kind;
        std::filesystem::path folder{};
        std::string name{};  // in the folder
        bool is_folder = false;
    };

    [[nodiscard]] static Result<FolderWatch> open();

    [[nodiscard]] int fd() const { return fd_.get(); }
    /// Errors: `no_space` when this user's watches are used up (fs.inotify.max_user_watches).
    [[nodiscard]] Result<> add(const std::filesystem::path& folder);
    void remove(const std::filesystem::path& folder);
    /// What has happened by now; never blocks.
    [[nodiscard]] std::vector<Change> read();

  private:
    explicit FolderWatch(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
    std::unordered_map<int, std::filesystem::path> folders_{};
    std::unordered_map<std::string, int> numbers_{};
};

}  // namespace faultline::reports
