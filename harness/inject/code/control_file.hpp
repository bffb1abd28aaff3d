// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/include/faultline/failpoint_control.hpp"

namespace faultline {

/// The harness' side of the file that FAULTLINE_FAILPOINT_CONTROL names; see failpoint_control.hpp
/// for what is in it. Thread: any; what is shared with the target is atomic.
class ControlFile {
  public:
    /// Makes a new file for one instance. Errors: it exists, the folder does not.
    [[nodiscard]] static Result<> create(const std::filesystem::path& path);
    /// Errors: `not_found`; `invalid` when it is none of this version.
    [[nodiscard]] static Result<ControlFile> open(const std::filesystem::path& path);

    ControlFile(ControlFile&& other) noexcept;
    ControlFile& operator=(ControlFile&& other) noexcept;
    ~ControlFile();

    /// Whether a process of the target has opened its points.
    [[nodiscard]] bool attached() const;
    /// The points that it has, in order of name.
    [[nodiscard]] std::vector<std::string> points() const;
    /// Null when the target has no such point.
    [[nodiscard]] FailpointSlot* find(const std::string& point) const;

  private:
    explicit ControlFile(MappedFailpoints mapped) : mapped_(mapped) {}
    MappedFailpoints mapped_;
};

}  // namespace faultline
