// SPDX-License-Identifier: Apache-2.0
#include "tests/house/source_rules.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>

namespace faultline::testing {
namespace {

/// A room, how far up the house it is, and whom else it may include besides what lies below.
struct Room {
    std::string_view folder;  // prefix of the paths of its files
    int floor;                // it includes rooms on lower floors and itself
};

// Rooms on one floor do not include each other. The embedded headers include nothing of ours.
constexpr std::array rooms{Room{"harness/include/", 0},
                           Room{"faultline/", 0},  // the same, as those spell it who embed it
                           Room{"harness/base/", 1},
                           Room{"harness/scenario/", 2},
                           Room{"harness/timeline/", 3},
                           Room{"harness/launch/", 4},
                           Room{"harness/load/", 4},
                           Room{"harness/inject/", 4},
                           Room{"harness/observe/", 4},
                           Room{"harness/measure/", 5},
                           Room{"harness/judge/", 6},
                           Room{"harness/result/", 7},
                           Room{"reports/", 8},
                           Room{"harness/run/", 8},
                           Room{"harness/cli/", 9},
                           Room{"targets/", 2}};

const Room* room_of(std::string_view path) {
    for (const Room& room : rooms) {
        if (path.starts_with(room.folder)) return &room;
    }
    return nullptr;
}

bool may_include(const Room& from, const Room& to) {
    if (from.folder == to.folder) return true;
    // The harness measures whatever it is pointed at and knows no target.
    if (to.folder == "targets/") return false;
    return to.floor < from.floor;
}

bool is_source(std::string_view path) {
    return path.ends_with(".cpp") || path.ends_with(".hpp");
}

/// What an `#include "..."` line names; empty for other lines.
std::string_view included(std::string_view line) {
    const auto skip_blanks = [&line] {
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    };
    skip_blanks();
    if (!line.starts_with('#')) return {};
    line.remove_prefix(1);
    skip_blanks();
    if (!line.starts_with("include")) return {};
    line.remove_prefix(7);
    skip_blanks();
    if (!line.starts_with('"')) return {};
    line.remove_prefix(1);
    return line.substr(0, line.find('"'));
}

template <class Visit>
void for_each_line(const std::string& text, Visit visit) {
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);)
        visit(++number, std::string_view(line));
}

}  // namespace

std::vector<SourceFile> project_files(const std::filesystem::path& root) {
    namespace fs = std::filesystem;
    const std::set<std::string> skipped_folders{".git", "build", "results", ".cache"};
    constexpr std::uintmax_t bytes_max = 4 << 20;
    std::vector<SourceFile> files;
    for (auto entry = fs::recursive_directory_iterator(root); entry != fs::end(entry); ++entry) {
        const std::string name = entry->path().filename().string();
        if (entry->is_directory() && skipped_folders.contains(name)) {
            entry.disable_recursion_pending();
            continue;
        }
        if (!entry->is_regular_file() || entry->file_size() > bytes_max) continue;
        std::ifstream input(entry->path(), std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(input), {}};
        const bool binary = text.find('\0') != std::string::npos;
        if (!binary) files.push_back({fs::relative(entry->path(), root).generic_string(), text});
    }
    return files;
}

Findings check_arrows(const SourceFile& file) {
    Findings findings;
    if (!is_source(file.path)) return findings;
    const Room* from = room_of(file.path);
    const bool is_test = file.path.starts_with("tests/");
    for_each_line(file.text, [&](int number, std::string_view line) {
        const std::string_view target = included(line);
        if (target.empty()) return;
        const auto report = [&](std::string_view rule) {
            findings.push_back(
                fmt::format("{}:{}: includes \"{}\": {}", file.path, number, target, rule));
        };
        if (target.starts_with("tests/") && !is_test) return report("only tests include tests");
        if (from == nullptr) return;
        // The embedded headers find each other wherever they are copied to.
        const bool beside = target.find('/') == std::string_view::npos;
        if (from->folder == "harness/include/" && beside) return;
        const Room* to = room_of(target);
        if (to == nullptr) return report("includes are written from the root, into a room");
        if (!may_include(*from, *to)) {
            report(fmt::format("{} may not depend on {}", from->folder, to->folder));
        }
    });
    return findings;
}

Findings check_headers(const SourceFile& file) {
    Findings findings;
    if (!is_source(file.path)) return findings;
    if (!file.text.starts_with("// SPDX-License-Identifier: Apache-2.0\n")) {
        findings.push_back(file.path + ":1: the first line is not the SPDX line");
    }
    if (file.path.ends_with(".hpp") && file.text.find("\n#pragma once\n") == std::string::npos) {
        findings.push_back(file.path + ":1: a header without #pragma once");
    }
    return findings;
}

Findings check_own_header_first(const SourceFile& file, bool has_header) {
    if (!has_header || !file.path.ends_with(".cpp")) return {};
    const std::string own = file.path.substr(0, file.path.size() - 3) + "hpp";
    Findings findings;
    bool looking = true;
    for_each_line(file.text, [&](int number, std::string_view line) {
        if (!looking || !line.starts_with("#include")) return;
        looking = false;
        if (line == "#include \"" + own + "\"") return;
        findings.push_back(
            fmt::format("{}:{}: does not include its own header first", file.path, number));
    });
    return findings;
}

Findings check_paths(const SourceFile& file) {
    // Put together here, or this file would find itself.
    const std::array<std::string, 2> foreign{std::string("/") + "work/",
                                             std::string("/") + "root/"};
    Findings findings;
    for_each_line(file.text, [&](int number, std::string_view line) {
        for (const std::string& path : foreign) {
            const std::size_t at = line.find(path);
            if (at == std::string_view::npos) continue;
            // A folder of that name inside another path is nobody's home: ${dir}/work/x.
            const bool absolute = at == 0 || std::string_view(" \t\"'`(=:<[,").find(line[at - 1]) !=
                                                 std::string_view::npos;
            if (absolute) {
                findings.push_back(
                    fmt::format("{}:{}: names {}, a path of one machine", file.path, number, path));
            }
        }
    });
    return findings;
}

}  // namespace faultline::testing
