// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "targets/core/protect/log_codec.hpp"
#include "targets/core/protect/log_scanner.hpp"
#include "targets/core/protect/record.hpp"

namespace {

using namespace ftcore;

/// A broken property of the scan: the fuzzer keeps the input.
void require(bool holds) {
    if (!holds) std::abort();
}

/// The input as small choices; zeros when it is used up.
class Choices {
  public:
    explicit Choices(std::string_view bytes) : bytes_(bytes) {}

    std::size_t below(std::size_t bound) {
        std::size_t value = 0;
        for (int byte = 0; byte < 2 && !bytes_.empty(); ++byte) {
            value = value << 8 | static_cast<unsigned char>(bytes_.front());
            bytes_.remove_prefix(1);
        }
        return value % bound;
    }
    [[nodiscard]] std::string_view rest() const { return bytes_; }

  private:
    std::string_view bytes_;
};

/// What every scan promises, whatever the bytes are.
void check_scan(std::string_view bytes, SnapshotMark behind, std::size_t synced_bytes) {
    const LogScan scan = scan_log(bytes, behind, synced_bytes);
    require(scan.good_bytes <= bytes.size());
    require(!(scan.torn && scan.damaged));
    require((scan.torn || scan.damaged) == !scan.note.empty());
    require(scan.damaged == (scan.must_reach != 0));
    Index next = behind.index + 1;
    for (const Entry& entry : scan.entries)
        require(entry.index == next++);
    if (scan.damaged) require(scan.must_reach >= next);
    if (!scan.damaged) require(scan.good_bytes >= std::min(synced_bytes, bytes.size()));
    const LogScan again = scan_log(bytes.substr(0, scan.good_bytes), behind, scan.good_bytes);
    require(!again.torn && !again.damaged);
    require(again.entries == scan.entries && again.good_bytes == scan.good_bytes);
}

/// A log that was written in order and then changed in a few places; most inputs get past the
/// checksums this way.
std::string written_log(Choices& choices) {
    std::string bytes;
    Index last = 0;
    for (std::size_t step = choices.below(12); step > 0; --step) {
        StorageWork work;
        if (last > 0 && choices.below(4) == 0) {
            work.truncate_from = 1 + choices.below(last);
            last = *work.truncate_from - 1;
        }
        for (std::size_t count = choices.below(5); count > 0; --count) {
            work.append.push_back(
                {++last, step, EntryKind::command, std::string(choices.below(600), 'v')});
        }
        if (choices.below(3) == 0) append_sync_mark(bytes, 7);
        append_log_records(bytes, work);
    }
    for (std::size_t change = choices.below(4); change > 0 && !bytes.empty(); --change) {
        const std::size_t at = choices.below(bytes.size());
        bytes[at] = static_cast<char>(choices.below(256));
    }
    bytes.resize(bytes.size() - choices.below(bytes.size() + 1) / 2);
    bytes.append(choices.below(2) * 1000, '\0');
    return bytes;
}

}  // namespace

// Any bytes, as they are and as the tail of a log that was written in order, keep the promises.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_scan(bytes, {}, 0);

    Choices choices(bytes);
    const SnapshotMark behind{.index = choices.below(6), .term = choices.below(3)};
    const std::string log = written_log(choices);
    check_scan(log, behind, choices.below(log.size() + 1));
    check_scan(log + std::string(choices.rest()), {}, 0);

    LogScanner scanner(behind);
    scanner.begin_segment({});
    const std::size_t cut = choices.below(log.size() + 1);
    require(scanner.add({.bytes = std::string_view(log).substr(0, cut), .salt = 7}) <= cut);
    scanner.begin_segment({.index = choices.below(20), .term = choices.below(8)});
    require(scanner.add({.bytes = std::string_view(log).substr(cut), .salt = 7}) <=
            log.size() - cut);
    const LogScan scan = scanner.finish();
    Index next = behind.index + 1;
    for (const Entry& entry : scan.entries)
        require(entry.index == next++);

    const std::size_t half = std::min(size, vote_slot_bytes);
    const VoteScan votes = scan_votes(bytes.substr(0, half), bytes.substr(half));
    if (votes.count > 0) require(!votes.damaged);
    const std::string slot = vote_slot({.term = choices.below(9), .vote = 1}, choices.below(9));
    require(!scan_votes(bytes.substr(0, half), slot).damaged);
    return 0;
}
