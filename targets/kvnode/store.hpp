// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "targets/core/state/state_machine.hpp"

namespace kvnode {

/// The replicated keys and values. A command is the client's request as it stood on the wire; what
/// it answers is the reply as it goes back.
///
/// A snapshot does not stop the service: keys live in shards, a shard is serialised when the
/// snapshot comes to it or just before its first change, whichever is earlier, so that what is
/// written is the state of one moment. Thread: the node's loop.
class Store final : public ftcore::StateMachine {
  public:
    Store();
    ~Store() override;

    [[nodiscard]] std::string apply(std::string_view command) override;
    [[nodiscard]] std::unique_ptr<ftcore::SnapshotSource> snapshot() override;
    void restore_begin() override;
    [[nodiscard]] ftcore::Result<> restore_piece(std::string_view piece) override;
    [[nodiscard]] ftcore::Result<> restore_end() override;

    // ---- reading
    /// Valid until the next change.
    [[nodiscard]] std::optional<std::string_view> get(std::string_view key) const;
    [[nodiscard]] std::size_t size() const { return size_; }
    /// Of keys and values, without the tables. Units: bytes.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    // ---- changing, for commands
    void set(std::string_view key, std::string_view value);
    bool erase(std::string_view key);

    static constexpr std::size_t shard_count = 1024;

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    using Shard = std::unordered_map<std::string, std::string, Hash, std::equal_to<>>;
    class Source;

    [[nodiscard]] static std::size_t shard_of(std::string_view key);
    [[nodiscard]] static std::string serialise(const Shard& shard);
    /// Its shard, which is about to change.
    [[nodiscard]] Shard& change(std::string_view key);

    std::array<Shard, shard_count> shards_;
    std::size_t size_ = 0;
    std::size_t bytes_ = 0;
    Source* source_ = nullptr;  // the snapshot that is being read, if any
    std::string restoring_;     // the beginning of a record whose rest is in the next piece
};

}  // namespace kvnode
