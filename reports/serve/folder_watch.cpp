// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/folder_watch.hpp"

#include <cerrno>
#include <cstring>
#include <sys/inotify.h>
#include <unistd.h>

namespace faultline::reports {
namespace {

constexpr std::uint32_t wanted = IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE |
                                 IN_MOVED_FROM | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;

FolderWatch::Kind kind_of(std::uint32_t mask) {
    if ((mask & (IN_DELETE | IN_MOVED_FROM)) != 0) return FolderWatch::Kind::gone;
    if ((mask & IN_CLOSE_WRITE) != 0) return FolderWatch::Kind::closed;
    if ((mask & IN_MODIFY) != 0) return FolderWatch::Kind::changed;
    return FolderWatch::Kind::appeared;
}

}  // namespace

Result<FolderWatch> FolderWatch::open() {
    UniqueFd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!fd) return fail_errno("watching for new runs (inotify)", errno);
    return FolderWatch(std::move(fd));
}

Result<> FolderWatch::add(const std::filesystem::path& folder) {
    const int number = ::inotify_add_watch(fd_.get(), folder.c_str(), wanted);
    if (number < 0) return fail_errno("watching " + folder.string(), errno);
    folders_[number] = folder;
    numbers_[folder.string()] = number;
    return {};
}

void FolderWatch::remove(const std::filesystem::path& folder) {
    const auto found = numbers_.find(folder.string());
    if (found == numbers_.end()) return;
    // Fails for a folder that is gone, whose watch went with it.
    static_cast<void>(::inotify_rm_watch(fd_.get(), found->second));
    folders_.erase(found->second);
    numbers_.erase(found);
}

std::vector<FolderWatch::Change> FolderWatch::read() {
    constexpr std::size_t buffer_bytes = 64U << 10;
    constexpr int reads_max = 64;  // whoever writes without a pause does not keep us here
    std::vector<Change> changes;
    std::vector<char> buffer(buffer_bytes);
    for (int i = 0; i < reads_max; ++i) {
        const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
        if (got <= 0) break;
        for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char* name = buffer.data() + at + sizeof event;
            at += sizeof event + event.len;
            if ((event.mask & IN_Q_OVERFLOW) != 0) changes.push_back({.kind = Kind::lost});
            const auto folder = folders_.find(event.wd);
            if (folder == folders_.end()) continue;
            if ((event.mask & IN_IGNORED) != 0) {
                numbers_.erase(folder->second.string());
                folders_.erase(folder);
            } else if (event.len > 0) {
                changes.push_back({.kind = kind_of(event.mask),
                                   .folder = folder->second,
                                   .name = std::string(name),
                                   .is_folder = (event.mask & IN_ISDIR) != 0});
            }
        }
    }
    return changes;
}

}  // namespace faultline::reports
