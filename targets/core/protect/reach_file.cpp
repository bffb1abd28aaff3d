// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/reach_file.hpp"

#include <fcntl.h>

#include "targets/core/protect/crc32c.hpp"
#include "targets/core/protect/little_endian.hpp"

namespace ftcore {
namespace {

// CRC32C 4 │ index 8
constexpr std::size_t reach_bytes = 12;

}  // namespace

Result<Index> ReachFile::read() const {
    auto fd = disk::open_file(FL_FAILPOINT("open.read"), path_, O_RDONLY);
    if (!fd && fd.error().code == faultline::ErrorCode::not_found) return Index{0};
    if (!fd) return faultline::in_context("the index to be reached", fd.error());
    FL_TRY(const disk::Bytes bytes, disk::read_at(0, fd->get(), 0, reach_bytes, path_));
    const std::string_view view = bytes.view();
    if (view.size() < reach_bytes || get_number<std::uint32_t>(view, 0) != crc32c(view.substr(4))) {
        return faultline::fail(path_.string() +
                               " is damaged: the node cannot know which entries it has lost; empty "
                               "its folder and let it join anew");
    }
    return get_number<Index>(view, 4);
}

Result<> ReachFile::write(Index index) const {
    std::string body;
    put_number(body, index);
    std::string bytes;
    put_number(bytes, crc32c(body));
    return faultline::write_file(path_, bytes + body);
}

}  // namespace ftcore
