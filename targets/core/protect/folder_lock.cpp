// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/folder_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

namespace ftcore {

Result<disk::UniqueFd> lock_folder(const disk::Path& folder) {
    FL_TRY(disk::UniqueFd fd,
           disk::open_file(FL_FAILPOINT("lock.open"), folder / "lock", O_RDWR | O_CREAT));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
    if (errno == EWOULDBLOCK) {
        return faultline::fail("another process works in " + folder.string() +
                                   "; stop it, or give this one a folder of its own",
                               faultline::ErrorCode::exists);
    }
    return faultline::fail_errno("locking " + folder.string(), errno);
}

}  // namespace ftcore
