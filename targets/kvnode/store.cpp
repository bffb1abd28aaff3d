// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/store.hpp"

#include <cstring>
#include <utility>

#include "harness/base/check.hpp"
#include "harness/base/resp_reply.hpp"
#include "harness/base/resp_request.hpp"
#include "targets/kvnode/command.hpp"
#include "targets/kvnode/data_commands.hpp"

namespace kvnode {

namespace reply = faultline::resp_reply;

using faultline::fail;
using faultline::parse_resp_request;
using faultline::RespRequest;
using faultline::RespRequestLimits;
using ftcore::Result;

namespace {

/// A record of a snapshot: two lengths of 4 bytes, key, value.
constexpr std::size_t lengths_bytes = 8;
constexpr std::size_t piece_bytes = std::size_t{256} << 10;
/// The most that the setting key-bytes-max allows; longer lengths in a snapshot are damage.
constexpr std::size_t key_bytes_most = std::size_t{1} << 20;

void append_length(std::string& out, std::size_t length) {
    for (int byte = 0; byte < 4; ++byte, length >>= 8)
        out += static_cast<char>(length & 0xFF);
}
std::size_t read_length(const char* bytes) {
    std::size_t length = 0;
    for (int byte = 3; byte >= 0; --byte)
        length = length << 8 | static_cast<unsigned char>(bytes[byte]);
    return length;
}

}  // namespace

/// What a snapshot has still to write: shards from `next_` on, but for those that were serialised
/// early because they changed.
class Store::Source final : public ftcore::SnapshotSource {
  public:
    explicit Source(Store& store) : store_(&store) { store.source_ = this; }
    ~Source() override {
        if (store_ != nullptr) store_->source_ = nullptr;
    }
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    [[nodiscard]] std::string next() override {
        std::string piece = std::exchange(early_, {});
        while (store_ != nullptr && next_ < shard_count && piece.size() < piece_bytes) {
            if (!done_[next_]) piece += serialise(store_->shards_[next_]);
            done_[next_] = true;
            ++next_;
        }
        return piece;
    }

    void before_change(std::size_t shard) {
        if (done_[shard]) return;
        done_[shard] = true;
        early_ += serialise(store_->shards_[shard]);
    }

    /// The store is gone or begins anew; what this wrote so far is worth nothing.
    void detach() { store_ = nullptr; }

  private:
    Store* store_;
    std::array<bool, shard_count> done_{};
    std::size_t next_ = 0;
    std::string early_;
};

Store::Store() = default;
Store::~Store() {
    if (source_ != nullptr) source_->detach();
}

std::size_t Store::shard_of(std::string_view key) {
    // Not the bits that the shard's own table uses.
    return (Hash()(key) >> 40) % shard_count;
}

std::string Store::serialise(const Shard& shard) {
    std::string out;
    for (const auto& [key, value] : shard) {
        append_length(out, key.size());
        append_length(out, value.size());
        out += key;
        out += value;
    }
    return out;
}

Store::Shard& Store::change(std::string_view key) {
    const std::size_t index = shard_of(key);
    if (source_ != nullptr) source_->before_change(index);
    return shards_[index];
}

std::optional<std::string_view> Store::get(std::string_view key) const {
    const Shard& shard = shards_[shard_of(key)];
    const auto at = shard.find(key);
    if (at == shard.end()) return std::nullopt;
    return at->second;
}

void Store::set(std::string_view key, std::string_view value) {
    Shard& shard = change(key);
    const auto at = shard.find(key);
    if (at == shard.end()) {
        shard.emplace(key, value);
        ++size_;
        bytes_ += key.size() + value.size();
        return;
    }
    bytes_ += value.size();
    bytes_ -= at->second.size();
    at->second.assign(value);
}

bool Store::erase(std::string_view key) {
    Shard& shard = change(key);
    const auto at = shard.find(key);
    if (at == shard.end()) return false;
    --size_;
    bytes_ -= at->first.size() + at->second.size();
    shard.erase(at);
    return true;
}

std::string Store::apply(std::string_view command) {
    const RespRequest request = parse_resp_request(command, RespRequestLimits{});
    // Only what passed the same check before it was agreed upon is here.
    if (request.state != RespRequest::State::complete || request.words.empty())
        return reply::error("ERR an agreed command cannot be read");
    return apply_command(*this, request.words);
}

std::unique_ptr<ftcore::SnapshotSource> Store::snapshot() {
    FL_CHECK(source_ == nullptr);
    return std::make_unique<Source>(*this);
}

void Store::restore_begin() {
    if (source_ != nullptr) std::exchange(source_, nullptr)->detach();
    for (Shard& shard : shards_)
        shard.clear();
    size_ = 0;
    bytes_ = 0;
    restoring_.clear();
}

Result<> Store::restore_piece(std::string_view piece) {
    std::string joined;
    if (!restoring_.empty()) {
        joined = std::exchange(restoring_, {});
        joined += piece;
        piece = joined;
    }
    while (piece.size() >= lengths_bytes) {
        const std::size_t key_bytes = read_length(piece.data());
        const std::size_t value_bytes = read_length(piece.data() + 4);
        if (key_bytes > key_bytes_most || value_bytes > value_bytes_max)
            return fail("a snapshot with an impossible length in it");
        if (piece.size() - lengths_bytes < key_bytes + value_bytes) break;
        set(piece.substr(lengths_bytes, key_bytes),
            piece.substr(lengths_bytes + key_bytes, value_bytes));
        piece.remove_prefix(lengths_bytes + key_bytes + value_bytes);
    }
    restoring_.assign(piece);
    return {};
}

Result<> Store::restore_end() {
    if (!restoring_.empty()) return fail("a snapshot that ends inside a record");
    return {};
}

}  // namespace kvnode
