// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/instance_files.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sstream>

#include "harness/base/file.hpp"

namespace faultline {
namespace {

constexpr std::streamoff tail_bytes_max = 64 * 1024;

Result<> write_plainly(const std::filesystem::path& path, const std::string& content) {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd) return fail_errno("creating " + path.string(), errno);
    auto written = write_all(fd.get(), content);
    if (!written) return in_context(path.string(), written.error());
    return {};
}

}  // namespace

Result<> write_instance_files(const std::filesystem::path& folder,
                              const std::map<std::string, std::string>& files) {
    for (const auto& [name, content] : files) {
        const auto below = std::filesystem::path(name).lexically_normal();
        if (below.empty() || below.is_absolute() || *below.begin() == "..") {
            return fail("file \"" + name + "\" leads out of " + folder.string(),
                        ErrorCode::invalid);
        }
        const auto path = folder / below;
        FL_TRY_VOID(make_folder(path.parent_path()));
        FL_TRY_VOID(write_plainly(path, content));
    }
    return {};
}

std::vector<std::string> tail_of(const std::filesystem::path& path, std::size_t count) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return {};
    const std::streamoff size = file.tellg();
    const std::streamoff begin = std::max<std::streamoff>(0, size - tail_bytes_max);
    file.seekg(begin);
    std::vector<std::string> lines;
    std::string line;
    if (begin > 0) std::getline(file, line);  // the rest of a line that began before
    while (std::getline(file, line))
        lines.push_back(line);
    if (lines.size() > count)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
    return lines;
}

}  // namespace faultline
