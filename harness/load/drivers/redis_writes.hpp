// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/load/drivers/stale_reads.hpp"
#include "harness/timeline/operation.hpp"

namespace faultline {

/// The operations of the redis driver, in the order of its operation kinds.
enum class RedisOperation : std::uint8_t { set, get, incr, append };

/// The key an operation works on. Each kind of write has keys of its own.
void append_redis_key(std::string& out,
                      const std::string& prefix,
                      RedisOperation kind,
                      std::uint32_t key);
[[nodiscard]] std::string redis_key(const std::string& prefix,
                                    RedisOperation kind,
                                    std::uint32_t key);

/// The sequence number at the front of a value that SET wrote. Empty: somebody else's value.
[[nodiscard]] std::optional<std::uint32_t> sequence_in(std::string_view value);

/// What a read of `value` says in Operation::version: the sequence number or the counter's value
/// plus one, so that 0 is left for a key without a value; `foreign_version` for somebody else's.
[[nodiscard]] std::uint32_t version_read(std::string_view value);

/// All writes to one key, oldest first.
struct WrittenKey {
    RedisOperation kind = RedisOperation::set;
    std::uint32_t key = 0;
    std::span<const std::uint32_t> writes{};  // indices into the log
};

/// The writes of a log, by key. Memory: 4 bytes a write and 24 a key.
class WrittenKeys {
  public:
    explicit WrittenKeys(const OperationLog& log);
    [[nodiscard]] const std::vector<WrittenKey>& keys() const { return keys_; }

  private:
    std::vector<std::uint32_t> writes_;
    std::vector<WrittenKey> keys_;
};

/// How many acknowledged writes to `key` are certainly gone, given what is there now (empty:
/// nothing).
///
/// set: the last acknowledged write is lost when the key is gone, or when the value present was
///   written by an operation that had ended before that write was sent. A value whose writer had
///   an unknown outcome may have taken effect at any time, so it explains everything. At most 1 a
///   key: earlier values were overwritten, and the final state says nothing about them.
/// append: every acknowledged sequence number that is not in the list.
/// incr: acknowledged minus the counter, or the number of answers that were given twice (the
/// counter
///   went back), whichever is more. Increments with unknown outcome can hide losses from the first.
[[nodiscard]] std::uint64_t count_lost(const OperationLog& log,
                                       const WrittenKey& key,
                                       const std::optional<std::string_view>& value);

}  // namespace faultline
