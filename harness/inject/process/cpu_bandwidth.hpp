// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "harness/base/file.hpp"
#include "harness/inject/fault.hpp"

namespace faultline {

/// The kernel's own throttle: cpu.max of a cgroup v2 that has the cpu controller.
/// Source: Linux Documentation/admin-guide/cgroup-v2.rst, "CPU Interface Files".
class CpuBandwidth {
  public:
    /// Errors: `not_found`, `permission` where there is no such control.
    [[nodiscard]] static Result<CpuBandwidth> open(const std::filesystem::path& cgroup,
                                                   double share);

    [[nodiscard]] Result<> apply() const;
    [[nodiscard]] Result<> clear() const;
    /// Whether the kernel has the limit in place.
    [[nodiscard]] bool in_place() const;
    [[nodiscard]] Undo undo() const;
    /// "cpu.max 10000 100000".
    [[nodiscard]] std::string text() const { return "cpu.max " + limit_; }

  private:
    std::filesystem::path path_;
    std::string before_;
    std::string limit_;
    UniqueFd control_;
};

}  // namespace faultline
