// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"

namespace faultline {

/// While this lives, the calling thread is in another network namespace: sockets and threads it
/// makes belong there and stay there. Processes and threads that run already are where they were.
/// Thread: made and destroyed on one thread; one inside another, the inner first.
/// Source: setns(2), network_namespaces(7).
class InNetworkNamespace {
  public:
    /// Errors: `permission` when this thread could not come back.
    [[nodiscard]] static Result<InNetworkNamespace> enter(int namespace_fd);
    InNetworkNamespace(InNetworkNamespace&&) noexcept = default;
    InNetworkNamespace& operator=(InNetworkNamespace&&) = delete;
    ~InNetworkNamespace();

  private:
    explicit InNetworkNamespace(UniqueFd home) : home_(std::move(home)) {}
    UniqueFd home_;
};

/// A new, empty network namespace; it lives as long as a descriptor, a process or a socket holds
/// it. Errors: `permission`, as `may_use_network_namespaces`.
[[nodiscard]] Result<UniqueFd> make_network_namespace();

/// The one that the calling thread is in.
[[nodiscard]] Result<UniqueFd> current_network_namespace();

/// Whether this thread may make namespaces, and leave its own and come back.
/// Errors: `permission`, with what is missing.
[[nodiscard]] Result<> may_use_network_namespaces();

}  // namespace faultline
