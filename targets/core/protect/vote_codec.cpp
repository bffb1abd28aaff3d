// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "targets/core/protect/crc32c.hpp"
#include "targets/core/protect/little_endian.hpp"
#include "targets/core/protect/log_codec.hpp"

namespace ftcore {
namespace {

// A slot: magic 4 │ CRC32C 4 │ count 8 │ term 8 │ vote 4 │ zeros; the checksum covers what follows
// it.
constexpr std::uint32_t vote_magic = 0x45544f56;  // "VOTE"
constexpr std::size_t count_at = 8;
constexpr std::size_t term_at = 16;
constexpr std::size_t vote_at = 24;

struct Slot {
    HardState state;
    std::uint64_t count;
};

std::optional<Slot> read_slot(std::string_view bytes) {
    if (bytes.size() < vote_slot_bytes) return std::nullopt;
    bytes = bytes.substr(0, vote_slot_bytes);
    if (get_number<std::uint32_t>(bytes, 0) != vote_magic) return std::nullopt;
    if (get_number<std::uint32_t>(bytes, 4) != crc32c(bytes.substr(count_at))) return std::nullopt;
    return Slot{{get_number<Term>(bytes, term_at), get_number<NodeId>(bytes, vote_at)},
                get_number<std::uint64_t>(bytes, count_at)};
}

bool something_there(std::string_view bytes) {
    return std::ranges::any_of(bytes, [](char byte) { return byte != 0; });
}

}  // namespace

std::string vote_slot(HardState state, std::uint64_t count) {
    std::string body;
    put_number(body, count);
    put_number(body, state.term);
    put_number(body, state.vote);
    body.resize(vote_slot_bytes - count_at, '\0');
    std::string slot;
    put_number(slot, vote_magic);
    put_number(slot, crc32c(body));
    return slot + body;
}

VoteScan scan_votes(std::string_view first_slot, std::string_view second_slot) {
    const std::optional<Slot> first = read_slot(first_slot);
    const std::optional<Slot> second = read_slot(second_slot);
    if (!first && !second) {
        return {.damaged = something_there(first_slot) || something_there(second_slot)};
    }
    const Slot& newest = !second || (first && first->count >= second->count) ? *first : *second;
    return {newest.state, newest.count, false};
}

}  // namespace ftcore
