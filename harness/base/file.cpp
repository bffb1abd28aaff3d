// SPDX-License-Identifier: Apache-2.0
#include "harness/base/file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace faultline {
namespace {

Result<> sync_folder(const std::filesystem::path& folder) {
    const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail_errno("opening folder " + folder.string(), errno);
    if (::fsync(fd.get()) != 0) return fail_errno("syncing folder " + folder.string(), errno);
    return {};
}

}  // namespace

void UniqueFd::reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
}

Result<std::string> read_file(const std::filesystem::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail_errno("reading " + path.string(), errno);
    std::string content;
    std::array<char, 65536> chunk{};
    for (;;) {
        const ssize_t count = ::read(fd.get(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_errno("reading " + path.string(), errno);
        if (count == 0) return content;
        content.append(chunk.data(), static_cast<std::size_t>(count));
    }
}

Result<> write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t count = ::write(fd, content.data(), content.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_errno("writing", errno);
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<> write_file(const std::filesystem::path& path, std::string_view content) {
    const std::filesystem::path temporary = path.string() + ".new";
    {
        const UniqueFd fd(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        if (!fd) return fail_errno("creating " + temporary.string(), errno);
        auto written = write_all(fd.get(), content);
        if (written && ::fsync(fd.get()) != 0) written = fail_errno("syncing", errno);
        if (!written) {
            ::unlink(temporary.c_str());
            return in_context(temporary.string(), written.error());
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const int error = errno;
        ::unlink(temporary.c_str());
        return fail_errno("replacing " + path.string(), error);
    }
    return sync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

Result<> write_control(const std::filesystem::path& path, std::string_view content) {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return fail_errno("opening " + path.string(), errno);
    if (::write(fd.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
        return fail_errno("writing " + path.string(), errno);
    }
    return {};
}

Result<> make_folder(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return fail_errno("creating folder " + path.string(), error.value());
    return {};
}

Result<> remove_tree(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return fail_errno("removing " + path.string(), error.value());
    return {};
}

std::filesystem::path program_folder() {
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::filesystem::path(".") : program.parent_path();
}

}  // namespace faultline
