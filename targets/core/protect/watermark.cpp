// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/watermark.hpp"

#include <fcntl.h>

#include "targets/core/protect/crc32c.hpp"
#include "targets/core/protect/little_endian.hpp"

namespace ftcore {
namespace {

// CRC32C 4 │ segment 8 │ salt 8 │ bytes 8 │ last index 8; well within what a disk writes at once.
constexpr std::size_t watermark_bytes = 36;

}  // namespace

Result<WatermarkFile> WatermarkFile::open(const disk::Path& folder) {
    disk::Path path = folder / "synced";
    FL_TRY(disk::UniqueFd fd,
           disk::open_file(FL_FAILPOINT("watermark.open"), path, O_RDWR | O_CREAT));
    return WatermarkFile(std::move(path), std::move(fd));
}

Result<std::optional<Watermark>> WatermarkFile::read() const {
    FL_TRY(const disk::Bytes bytes,
           disk::read_at(FL_FAILPOINT("open.read"), fd_.get(), 0, watermark_bytes, path_));
    const std::string_view view = bytes.view();
    if (view.size() < watermark_bytes) return std::nullopt;
    if (get_number<std::uint32_t>(view, 0) != crc32c(view.substr(4))) return std::nullopt;
    return Watermark{get_number<std::uint64_t>(view, 4),
                     get_number<std::uint64_t>(view, 12),
                     get_number<std::uint64_t>(view, 20),
                     get_number<Index>(view, 28)};
}

Result<> WatermarkFile::write(const Watermark& mark) const {
    std::string body;
    put_number(body, mark.segment);
    put_number(body, mark.salt);
    put_number(body, std::uint64_t{mark.bytes});
    put_number(body, mark.last_index);
    std::string bytes;
    put_number(bytes, crc32c(body));
    return disk::write_at(FL_FAILPOINT("watermark.write"), fd_.get(), 0, bytes + body, path_);
}

}  // namespace ftcore
