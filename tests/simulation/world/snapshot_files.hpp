// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "targets/core/failover/message.hpp"
#include "tests/simulation/world/hash.hpp"

namespace ftcore::simulation {

/// The newest two snapshots of a node, and one that is being received.
class SnapshotFiles {
  public:
    void save(SnapshotMark mark, std::string data) {
        if (!files_.empty() && mark.index <= files_.back().mark.index) return;
        const std::uint64_t hash = hash_of(data);
        files_.push_back({mark, std::move(data), hash});
        if (files_.size() > kept) files_.erase(files_.begin());
    }

    /// A received piece. True: it was the last one, and the snapshot is whole.
    [[nodiscard]] bool receive(const SnapshotChunk& chunk) {
        if (chunk.offset > incoming_.size()) return false;
        incoming_.resize(static_cast<std::size_t>(chunk.offset));
        incoming_ += chunk.data;
        if (!chunk.last) return false;
        // It takes the place of whatever is there, also of newer ones; index 0: nothing is left.
        std::erase_if(files_,
                      [&](const File& file) { return file.mark.index >= chunk.mark.index; });
        std::string data = std::exchange(incoming_, {});
        if (chunk.mark.index > 0) save(chunk.mark, std::move(data));
        return true;
    }

    void lose_incoming() { incoming_.clear(); }

    /// A piece of the newest one; not last and empty: it is damaged, or there is none.
    [[nodiscard]] SnapshotChunk piece(std::uint64_t offset, std::size_t bytes_max) const {
        if (files_.empty() || !files_.back().readable()) return {};
        const File& file = files_.back();
        SnapshotChunk chunk{.mark = file.mark, .offset = offset};
        if (offset > file.data.size()) return chunk;
        chunk.data = file.data.substr(static_cast<std::size_t>(offset), bytes_max);
        chunk.last = offset + chunk.data.size() == file.data.size();
        return chunk;
    }

    [[nodiscard]] const std::string& newest_data() const { return files_.back().data; }
    [[nodiscard]] SnapshotMark newest() const {
        return files_.empty() ? SnapshotMark{} : files_.back().mark;
    }
    /// Behind it the log has to reach back.
    [[nodiscard]] SnapshotMark previous() const {
        return files_.size() < kept ? SnapshotMark{} : files_.front().mark;
    }
    [[nodiscard]] bool damaged() const { return !files_.empty() && !files_.back().readable(); }
    void drop_newest() { files_.pop_back(); }
    [[nodiscard]] bool empty() const { return files_.empty(); }

    /// Flips a bit of the newest. False: there is none.
    [[nodiscard]] bool flip(Random& random) {
        if (files_.empty() || files_.back().data.empty()) return false;
        std::string& data = files_.back().data;
        char& byte = data[static_cast<std::size_t>(random.below(data.size()))];
        byte = static_cast<char>(byte ^ (1 << random.below(8)));
        return true;
    }

  private:
    static constexpr std::size_t kept = 2;
    struct File {
        SnapshotMark mark{};
        std::string data{};
        std::uint64_t hash = 0;  // stands for the checksum of the file
        [[nodiscard]] bool readable() const { return hash_of(data) == hash; }
    };
    std::vector<File> files_{};
    std::string incoming_{};
};

}  // namespace ftcore::simulation
