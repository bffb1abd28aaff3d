// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "harness/base/file.hpp"
#include "harness/base/loop.hpp"
#include "harness/base/result.hpp"
#include "harness/base/secrets.hpp"
#include "harness/base/time.hpp"

namespace faultline {

/// One output stream on disk: NAME with the bytes, NAME.stamps with "<ns> <offset>" per line.
class OutputFile {
  public:
    /// Opens for appending. Errors: with the path.
    [[nodiscard]] static Result<OutputFile> open(const std::filesystem::path& folder,
                                                 const std::string& name);

    /// Takes bytes as they came. Beyond the limit, or once the disk has failed, they are only
    /// counted.
    void append(std::string_view bytes);
    /// Notes that the line which begins at byte `offset` was complete at `arrived`.
    void stamp(std::uint64_t offset, Instant arrived);
    /// Writes the collected stamps.
    void flush();
    /// Says at the end of the file what was dropped, if anything.
    void close();

    /// Bytes that came so far, dropped ones included.
    [[nodiscard]] std::uint64_t offset() const { return offset_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  private:
    std::filesystem::path path_;
    UniqueFd bytes_;
    UniqueFd stamps_;
    std::string pending_stamps_;
    std::uint64_t stamps_written_ = 0;
    std::uint64_t offset_ = 0;
    std::uint64_t dropped_ = 0;
    bool broken_ = false;
    std::string why_broken_;
};

/// Reads one pipe on the loop, at most 64 KiB a turn, so that a flood does not keep others waiting.
///
///   pipe ──► secrets masked ──► bytes into the OutputFile
///                           └─► lines, each with its arrival ──► stamps, on_line
/// Thread: the loop's.
class OutputCapture {
  public:
    using OnLine = std::function<void(std::string_view line, Instant arrived)>;

    /// Requires: `file` outlives this; `reader` does not block.
    OutputCapture(
        Loop& loop, UniqueFd reader, OutputFile& file, OnLine on_line, const Secrets& secrets = {});
    ~OutputCapture();
    OutputCapture(const OutputCapture&) = delete;
    OutputCapture& operator=(const OutputCapture&) = delete;

    /// Takes what can be read now, without waiting for writers that may never close the pipe.
    void drain();
    [[nodiscard]] bool closed() const;

  private:
    struct State;
    // Shared with the handler that waits on the loop, because neither outlives the other for
    // certain.
    std::shared_ptr<State> state_;
};

}  // namespace faultline
