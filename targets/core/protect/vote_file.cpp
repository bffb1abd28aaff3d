// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/vote_file.hpp"

#include <fcntl.h>

#include "targets/core/protect/log_codec.hpp"

namespace ftcore {
namespace {

/// A page apart, so that one torn write cannot reach both.
constexpr std::size_t second_slot_at = 4096;

disk::Path vote_path(const disk::Path& folder) {
    return folder / "vote";
}

}  // namespace

Result<VoteFileRead> read_vote_file(const disk::Path& folder) {
    const disk::Path path = vote_path(folder);
    auto opened = disk::open_file(FL_FAILPOINT("vote.open"), path, O_RDONLY);
    if (!opened && opened.error().code == faultline::ErrorCode::not_found) return VoteFileRead{};
    FL_TRY(const disk::UniqueFd fd, std::move(opened));
    FL_TRY(const disk::Bytes first,
           disk::read_at(FL_FAILPOINT("open.read"), fd.get(), 0, vote_slot_bytes, path));
    FL_TRY(const disk::Bytes second,
           disk::read_at(0, fd.get(), second_slot_at, vote_slot_bytes, path));
    const VoteScan scan = scan_votes(first.view(), second.view());
    // The file has never been without two whole slots: it got its name with them.
    return VoteFileRead{.there = true,
                        .state = scan.state,
                        .count = scan.count,
                        .damaged = scan.count == 0,
                        .uneven = first.view() != second.view()};
}

VoteFile::VoteFile(disk::Path folder, std::uint64_t count)
    : folder_(std::move(folder)), path_(vote_path(folder_)), count_(count) {}

Result<VoteFile> VoteFile::open(const disk::Path& folder,
                                const VoteFileRead& read,
                                HardState state) {
    VoteFile file(folder, read.count);
    if (!read.there || read.damaged) {
        FL_TRY_VOID(file.replace(state));
        return file;
    }
    FL_TRY(file.fd_, disk::open_file(FL_FAILPOINT("vote.open"), file.path_, O_RDWR));
    if (read.uneven) FL_TRY_VOID(file.write(state));
    return file;
}

Result<> VoteFile::write(HardState state) {
    return write_slots(fd_.get(), state);
}

Result<> VoteFile::write_slots(int fd, HardState state) {
    const std::string slot = vote_slot(state, ++count_);
    for (const std::size_t at : {std::size_t{0}, second_slot_at}) {
        FL_TRY_VOID(disk::write_at(FL_FAILPOINT("vote.write"), fd, at, slot, path_));
        FL_TRY_VOID(disk::sync_data(FL_FAILPOINT("vote.sync"), fd, path_));
    }
    return {};
}

Result<> VoteFile::replace(HardState state) {
    const disk::Path temporary = path_.string() + ".new";
    FL_TRY(disk::UniqueFd fd,
           disk::open_file(FL_FAILPOINT("vote.create"), temporary, O_RDWR | O_CREAT | O_TRUNC));
    FL_TRY_VOID(write_slots(fd.get(), state));
    FL_TRY_VOID(disk::rename_file(FL_FAILPOINT("vote.rename"), temporary, path_));
    FL_TRY_VOID(disk::sync_folder(FL_FAILPOINT("vote.folder_sync"), folder_));
    fd_ = std::move(fd);
    return {};
}

}  // namespace ftcore
