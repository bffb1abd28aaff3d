// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/damaged_files.hpp"

#include <algorithm>
#include <fcntl.h>

namespace ftcore {
namespace {

constexpr std::string_view damaged_suffix = ".damaged";
constexpr std::size_t copy_bytes = std::size_t{1} << 20;

/// Makes room for one more.
Result<> forget_oldest(const disk::Path& folder) {
    FL_TRY(std::vector<std::string> names, disk::list_folder(folder));
    std::erase_if(names, [](const std::string& name) { return !name.ends_with(damaged_suffix); });
    // Names rise with the numbers of segments and the indexes of snapshots.
    for (std::size_t at = 0; at + damaged_files_kept <= names.size(); ++at) {
        FL_TRY_VOID(disk::remove_file(FL_FAILPOINT("damaged.remove"), folder / names[at]));
    }
    return {};
}

disk::Path aside(const disk::Path& path) {
    return path.string() + std::string(damaged_suffix);
}

}  // namespace

Result<> put_aside(const disk::Path& path) {
    FL_TRY_VOID(forget_oldest(path.parent_path()));
    FL_TRY_VOID(disk::rename_file(FL_FAILPOINT("damaged.rename"), path, aside(path)));
    return disk::sync_folder(FL_FAILPOINT("damaged.folder_sync"), path.parent_path());
}

Result<> copy_aside(const disk::Path& path) {
    FL_TRY_VOID(forget_oldest(path.parent_path()));
    FL_TRY(const disk::UniqueFd from, disk::open_file(0, path, O_RDONLY));
    FL_TRY(
        const disk::UniqueFd to,
        disk::open_file(FL_FAILPOINT("damaged.create"), aside(path), O_WRONLY | O_CREAT | O_TRUNC));
    for (std::size_t at = 0;;) {
        FL_TRY(const disk::Bytes bytes, disk::read_at(0, from.get(), at, copy_bytes, path));
        if (bytes.size == 0) return {};
        FL_TRY_VOID(
            disk::write_at(FL_FAILPOINT("damaged.write"), to.get(), at, bytes.view(), aside(path)));
        at += bytes.size;
    }
}

}  // namespace ftcore
