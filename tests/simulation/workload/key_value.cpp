// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/workload/key_value.hpp"

#include <cstring>

#include "harness/base/check.hpp"
#include "tests/simulation/world/hash.hpp"

namespace ftcore::simulation {
namespace {

constexpr std::size_t word_bytes = sizeof(std::uint64_t);

void put_word(std::string& out, std::uint64_t word) {
    out.append(reinterpret_cast<const char*>(&word), sizeof word);
}

std::uint64_t word_at(std::string_view bytes, std::size_t position) {
    std::uint64_t word = 0;
    if (bytes.size() >= (position + 1) * word_bytes)
        std::memcpy(&word, bytes.data() + position * word_bytes, word_bytes);
    return word;
}

class OnePiece final : public SnapshotSource {
  public:
    explicit OnePiece(std::string text) : text_(std::move(text)) {}
    std::string next() override { return std::exchange(text_, {}); }

  private:
    std::string text_;
};

}  // namespace

std::string encode(const Command& command, std::size_t padding) {
    std::string bytes;
    bytes.reserve(5 * word_bytes + padding);
    put_word(bytes, command.exchange ? 1 : 0);
    put_word(bytes, command.key);
    put_word(bytes, command.value);
    put_word(bytes, command.expected);
    put_word(bytes, command.attempt);
    bytes.append(padding, '.');
    return bytes;
}

Command decode_command(std::string_view bytes) {
    return {.exchange = word_at(bytes, 0) == 1,
            .key = word_at(bytes, 1),
            .value = word_at(bytes, 2),
            .expected = word_at(bytes, 3),
            .attempt = word_at(bytes, 4)};
}

Applied decode_applied(std::string_view bytes) {
    return {.before = word_at(bytes, 0), .done = word_at(bytes, 1) == 1};
}

std::string KeyValue::apply(std::string_view bytes) {
    const Command command = decode_command(bytes);
    Value& value = registers_[command.key];
    const Applied applied{value, !command.exchange || value == command.expected};
    if (applied.done) value = command.value;
    digest_ = mix(digest_, hash_of(bytes));
    std::string reply;
    put_word(reply, applied.before);
    put_word(reply, applied.done ? 1 : 0);
    return reply;
}

Value KeyValue::read(std::uint64_t key) const {
    const auto found = registers_.find(key);
    return found == registers_.end() ? 0 : found->second;
}

std::unique_ptr<SnapshotSource> KeyValue::snapshot() {
    std::string text;
    put_word(text, digest_);
    for (const auto& [key, value] : registers_) {
        put_word(text, key);
        put_word(text, value);
    }
    return std::make_unique<OnePiece>(std::move(text));
}

void KeyValue::restore_begin() {
    registers_.clear();
    incoming_.clear();
    digest_ = 0;
}

Result<> KeyValue::restore_piece(std::string_view piece) {
    incoming_ += piece;
    return {};
}

Result<> KeyValue::restore_end() {
    const std::size_t words = incoming_.size() / word_bytes;
    if (incoming_.size() % word_bytes != 0 || words % 2 != 1) {
        return faultline::fail("a snapshot of the registers has a part of a word");
    }
    digest_ = word_at(incoming_, 0);
    for (std::size_t at = 1; at < words; at += 2)
        registers_[word_at(incoming_, at)] = word_at(incoming_, at + 1);
    incoming_.clear();
    return {};
}

}  // namespace ftcore::simulation
