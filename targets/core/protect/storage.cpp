// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/storage.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "targets/core/protect/file_storage.hpp"
#include "targets/core/protect/folder_lock.hpp"

namespace ftcore {
namespace {

/// The parts of a folder as they are opened, one after the other.
struct Opening {
    StorageSettings settings;
    Recovered recovered{};
    std::vector<std::string> notes{};
    bool corrupted = false;

    void note_damage(std::string what, Index must_reach) {
        corrupted = true;
        recovered.must_reach = std::max(recovered.must_reach, must_reach);
        notes.push_back(std::move(what));
    }
};

Result<SnapshotStore> open_snapshots(Opening& opening) {
    FL_TRY(SnapshotStore::Opened opened, SnapshotStore::open(opening.settings.folder / "snapshot"));
    for (std::string& refused : opened.refused)
        opening.note_damage(std::move(refused), opened.lost);
    opening.recovered.snapshot = opened.store.newest();
    return std::move(opened.store);
}

Result<WriteAheadLog> open_log(Opening& opening, const ReachFile& reach) {
    const disk::Path folder = opening.settings.folder / "log";
    FL_TRY_VOID(faultline::make_folder(folder));
    FL_TRY(WatermarkFile watermark, WatermarkFile::open(folder));
    LogRecovery recovery(folder, watermark, opening.recovered.snapshot);
    FL_TRY_VOID(recovery.read());
    opening.recovered.must_reach = std::max(opening.recovered.must_reach, recovery.must_reach());
    // Before anything is cut: a crash in between must not lose it.
    if (opening.recovered.must_reach > 0) FL_TRY_VOID(reach.write(opening.recovered.must_reach));
    FL_TRY(RecoveredLog log, recovery.settle());
    opening.corrupted = opening.corrupted || log.damaged;
    std::move(log.notes.begin(), log.notes.end(), std::back_inserter(opening.notes));
    opening.recovered.entries = std::move(log.entries);
    return WriteAheadLog(
        folder, opening.settings.segment_bytes, std::move(watermark), std::move(log.state));
}

Result<VoteFileRead> read_votes(Opening& opening, SnapshotMark last) {
    FL_TRY(VoteFileRead votes, read_vote_file(opening.settings.folder));
    opening.recovered.hard_state = votes.state;
    if (votes.uneven && !votes.damaged) {
        opening.notes.push_back("one copy of term and vote was not whole; it was written again");
    }
    // A node that has a log has voted or followed: then a missing file is as bad as a damaged one.
    if (votes.damaged || (!votes.there && last.index > 0)) {
        opening.recovered.hard_state = {.term = last.term};
        opening.note_damage(
            "both copies of term and vote are lost; the node does not vote before the log "
            "goes on",
            last.index + 1);
    }
    return votes;
}

}  // namespace

Result<Storage::Opened> Storage::open(StorageSettings settings, Callbacks callbacks) {
    Opening opening{.settings = std::move(settings)};
    FL_TRY_VOID(faultline::make_folder(opening.settings.folder));
    FL_TRY(disk::UniqueFd lock, lock_folder(opening.settings.folder));
    const ReachFile reach(opening.settings.folder);
    FL_TRY(opening.recovered.must_reach, reach.read());
    FL_TRY(SnapshotStore snapshots, open_snapshots(opening));
    FL_TRY(WriteAheadLog log, open_log(opening, reach));
    FL_TRY(const VoteFileRead votes_read, read_votes(opening, log.last()));
    Recovered& recovered = opening.recovered;
    if (recovered.must_reach > log.last().index) {
        FL_TRY_VOID(reach.write(recovered.must_reach));
        opening.notes.push_back(fmt::format("the log must reach index {} again; it ends at {}",
                                            recovered.must_reach,
                                            log.last().index));
    } else if (recovered.must_reach > 0) {
        FL_TRY_VOID(reach.clear());
        recovered.must_reach = 0;
    }
    FL_TRY(VoteFile votes,
           VoteFile::open(opening.settings.folder, votes_read, recovered.hard_state));
    GroupCommit files(
        opening.settings.level, std::move(votes), std::move(log), std::move(snapshots));
    Opened opened{.recovered = std::move(recovered),
                  .notes = std::move(opening.notes),
                  .corrupted = opening.corrupted};
    opened.storage = std::make_unique<FileStorage>(std::move(opening.settings),
                                                   std::move(callbacks),
                                                   std::move(lock),
                                                   std::move(files),
                                                   opened.recovered.must_reach);
    return opened;
}

}  // namespace ftcore
