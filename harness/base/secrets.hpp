// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/result.hpp"

namespace faultline {

/// Texts that nobody may read in what is written or printed.
class Secrets {
  public:
    /// Shorter ones would hide half of every log, and protect nothing.
    static constexpr std::size_t length_min = 4;
    static constexpr std::string_view shown = "***";

    /// An empty text hides nothing and is passed over. Requires: else at least `length_min` bytes.
    void add(std::string value);
    void add_all(const Secrets& others);
    [[nodiscard]] bool empty() const { return values_.empty(); }

    /// `text` with `shown` for every secret in it; those that overlap are hidden together.
    [[nodiscard]] std::string mask(std::string_view text) const;

  private:
    friend class SecretStream;
    std::vector<std::string> values_{};  // the longest first
    std::bitset<256> first_bytes_{};     // that a value begins with
};

/// `mask` for a text that comes in pieces: a secret that is cut by their bounds is hidden too. What
/// may be the beginning of one is held back until the next piece.
class SecretStream {
  public:
    explicit SecretStream(Secrets secrets) : secrets_(std::move(secrets)) {}
    [[nodiscard]] std::string feed(std::string_view piece);
    /// The rest, after the last piece.
    [[nodiscard]] std::string finish();

  private:
    std::string take(bool last);

    Secrets secrets_;
    std::string held_{};
    std::size_t hidden_ = 0;  // leading bytes of `held_` that belong to a secret shown already
};

/// Masks the regular files below `folder` that hold a secret; a single file is its own folder.
/// Errors: one that cannot be read or replaced, which is removed then if it can be.
[[nodiscard]] Result<> mask_files(const std::filesystem::path& folder, const Secrets& secrets);

}  // namespace faultline
