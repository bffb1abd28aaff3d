// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/segment.hpp"

#include <charconv>

#include <fmt/format.h>

#include "targets/core/protect/crc32c.hpp"
#include "targets/core/protect/little_endian.hpp"

namespace ftcore {
namespace {

constexpr std::uint64_t segment_magic = 0x474f4c544c554146;  // "FAULTLOG"
constexpr std::uint32_t segment_version = 1;
constexpr std::size_t segment_checksum_at = 8;
constexpr std::size_t segment_version_at = 12;
constexpr std::string_view segment_suffix = ".wal";

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
    std::string checked;
    put_number(checked, segment_version);
    put_number(checked, header.number);
    put_number(checked, header.behind.index);
    put_number(checked, header.behind.term);
    put_number(checked, header.previous_number);
    put_number(checked, std::uint64_t{header.previous_bytes});
    put_number(checked, header.salt);
    checked.resize(segment_header_bytes - segment_version_at, '\0');
    std::string bytes;
    put_number(bytes, segment_magic);
    put_number(bytes, crc32c(checked));
    return bytes + checked;
}

SegmentHeaderRead decode_segment_header(std::string_view bytes) {
    if (bytes.size() < segment_header_bytes) return {};
    bytes = bytes.substr(0, segment_header_bytes);
    if (get_number<std::uint64_t>(bytes, 0) != segment_magic) return {};
    const auto checksum = get_number<std::uint32_t>(bytes, segment_checksum_at);
    if (checksum != crc32c(bytes.substr(segment_version_at))) return {};
    const auto version = get_number<std::uint32_t>(bytes, segment_version_at);
    if (version != segment_version) return {.unknown_version = version};
    std::size_t at = segment_version_at + 4;
    const auto next = [&] {
        at += 8;
        return get_number<std::uint64_t>(bytes, at - 8);
    };
    SegmentHeader header;
    header.number = next();
    header.behind.index = next();
    header.behind.term = next();
    header.previous_number = next();
    header.previous_bytes = next();
    header.salt = next();
    return {.header = header};
}

std::string segment_name(std::uint64_t number) {
    return fmt::format("{:012}{}", number, segment_suffix);
}

std::optional<std::uint64_t> segment_number(std::string_view name) {
    if (!name.ends_with(segment_suffix)) return std::nullopt;
    name.remove_suffix(segment_suffix.size());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || end != name.data() + name.size() || number == 0)
        return std::nullopt;
    return number;
}

}  // namespace ftcore
