// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace faultline::link {

/// Bytes that wait for a socket, in the pieces in which they came: each piece is offered to the
/// kernel by itself, so that what a stage has sliced stays sliced. Owns no memory while empty.
class ByteQueue {
  public:
    [[nodiscard]] bool empty() const { return bytes_ == 0; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    void push(std::string piece) {
        if (piece.empty()) return;
        bytes_ += piece.size();
        pieces_.push_back(std::move(piece));
    }

    /// Requires: not empty.
    [[nodiscard]] std::string_view front() const {
        return std::string_view(pieces_[first_]).substr(offset_);
    }

    /// Requires: `count` is at most the size of `front`.
    void pop(std::size_t count) {
        bytes_ -= count;
        offset_ += count;
        if (offset_ < pieces_[first_].size()) return;
        offset_ = 0;
        std::string().swap(pieces_[first_]);
        ++first_;
        if (bytes_ == 0) {
            clear();
        } else if (first_ >= compact_from && 2 * first_ >= pieces_.size()) {
            pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
            first_ = 0;
        }
    }

    void clear() {
        std::vector<std::string>().swap(pieces_);
        first_ = 0;
        offset_ = 0;
        bytes_ = 0;
    }

  private:
    static constexpr std::size_t compact_from = 64;
    std::vector<std::string> pieces_;
    std::size_t first_ = 0;
    std::size_t offset_ = 0;  // in the first
    std::size_t bytes_ = 0;
};

}  // namespace faultline::link
