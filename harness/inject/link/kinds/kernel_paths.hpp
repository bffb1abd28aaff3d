// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/inject/link/link_victim.hpp"

namespace faultline {

/// Paths of packets through the kernel's networks, and how many were dropped on them since.
class KernelPaths {
  public:
    KernelPaths() = default;
    /// Errors: what the network says when asked for its counts.
    [[nodiscard]] static Result<KernelPaths> open(
        const std::map<KernelNetwork*, std::set<KernelNetwork::Path>>& paths);

    // Every network is tried. Errors: the first.
    /// A second cut before the heal, and a heal of what is not cut, change nothing: others may have
    /// cut the same paths.
    [[nodiscard]] Result<> cut();
    [[nodiscard]] Result<> heal();
    [[nodiscard]] Result<> lose(double share);

    /// Packets dropped since `open`.
    [[nodiscard]] Result<std::uint64_t> dropped() const;
    [[nodiscard]] std::vector<std::string> mechanisms() const;

  private:
    struct Part {
        KernelNetwork* network;
        std::vector<KernelNetwork::Path> paths;
        bool cut = false;
    };
    template <class Do>
    [[nodiscard]] Result<> each(const Do& act);
    [[nodiscard]] Result<> set_cut(bool cut);
    [[nodiscard]] Result<std::uint64_t> count() const;

    std::vector<Part> parts_;
    std::uint64_t before_ = 0;
};

}  // namespace faultline
