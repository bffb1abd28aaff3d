// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/mount_table.hpp"

#include <fstream>
#include <sstream>
#include <string>

namespace faultline {
namespace {

bool is_octal(char letter) {
    return letter >= '0' && letter <= '7';
}

// The kernel writes space, tab, newline and backslash as "\040" and so on.
std::string unescape(const std::string& text) {
    std::string plain;
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] == '\\' && index + 3 < text.size() && is_octal(text[index + 1]) &&
            is_octal(text[index + 2]) && is_octal(text[index + 3])) {
            plain += static_cast<char>((text[index + 1] - '0') * 64 + (text[index + 2] - '0') * 8 +
                                       (text[index + 3] - '0'));
            index += 3;
        } else {
            plain += text[index];
        }
    }
    return plain;
}

}  // namespace

std::vector<std::filesystem::path> mounts_below(const std::filesystem::path& folder) {
    const std::string root = folder.lexically_normal().string();
    std::vector<std::filesystem::path> found;
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string point;
        for (int field = 1; field <= 5; ++field)
            fields >> point;
        point = unescape(point);
        if (point == root || point.starts_with(root + "/")) found.emplace_back(point);
    }
    return found;
}

}  // namespace faultline
