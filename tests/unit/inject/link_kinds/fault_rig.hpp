// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/inject/fault.hpp"
#include "harness/inject/link/engine.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {

/// Links of a real engine to listening sockets, and faults put on them.
class FaultRig {
  public:
    explicit FaultRig(std::uint64_t seed = 1);
    ~FaultRig();

    /// A proxied link; "kv[0]->kv[1].peer".
    void add_link(const std::string& from, const std::string& to);
    /// A link that the kernel carries.
    void add_link(const std::string& from, const std::string& to, KernelNetwork& network);
    /// The links so far have it on the way to their proxies.
    void carry(KernelNetwork& network);

    using Written = std::map<std::string, ParameterValue>;
    /// The fault on all links, prepared. Selectors in it mean what `resolved` says.
    [[nodiscard]] std::unique_ptr<Fault> fault(const std::string& kind, const Written& written);
    /// What is said about a fault that cannot be made.
    [[nodiscard]] std::string refusal(const std::string& kind, const Written& written);
    std::map<std::string, std::vector<std::string>> resolved{};

    /// One connection through a link, and its other end.
    struct Talk {
        Wire client{};
        Wire server{};
        /// Sends a text up and one down, and reads both.
        [[nodiscard]] bool passes();
    };
    [[nodiscard]] Talk talk(std::size_t link = 0);
    [[nodiscard]] std::string address(std::size_t link = 0) const;
    [[nodiscard]] TestServer& server(std::size_t link = 0) { return *servers_[link]; }

  private:
    [[nodiscard]] Result<std::unique_ptr<Fault>> make(const std::string& kind,
                                                      const Written& written);

    std::unique_ptr<link::Engine> engine_;
    std::vector<std::unique_ptr<TestServer>> servers_;
    std::vector<LinkVictim> links_;
    std::vector<std::unique_ptr<FaultSpec>> specs_;
};

/// Looks again until the effect is confirmed, or gives up.
[[nodiscard]] Proof proof_of(Fault& fault, Instant applied);

}  // namespace faultline::testing
