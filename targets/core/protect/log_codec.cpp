// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/log_codec.hpp"

#include "targets/core/protect/log_scanner.hpp"

namespace ftcore {

void append_log_records(std::string& out, const StorageWork& work) {
    if (work.truncate_from) append_truncate_record(out, *work.truncate_from);
    for (const Entry& entry : work.append)
        append_entry_record(out, entry);
}

LogScan scan_log(std::string_view bytes, SnapshotMark behind, std::size_t synced_bytes) {
    LogScanner scanner(behind);
    const std::size_t good_bytes = scanner.add({.bytes = bytes, .synced_bytes = synced_bytes});
    LogScan scan = scanner.finish();
    scan.good_bytes = good_bytes;
    return scan;
}

}  // namespace ftcore
