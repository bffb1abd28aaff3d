// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "targets/kvnode/client/redis_client.hpp"
#include "tests/integration/metronome_program.hpp"

namespace faultline::testing {

/// A group of kvnodes in a temporary folder, on ports nobody else has; killed at the end.
/// Nodes are counted from 0 here.
class KvGroup {
  public:
    explicit KvGroup(std::size_t count,
                     std::vector<std::string> options = {},
                     std::optional<std::size_t> witness = std::nullopt);
    ~KvGroup();
    KvGroup(const KvGroup&) = delete;
    KvGroup& operator=(const KvGroup&) = delete;

    void start(std::size_t node);
    void signal(std::size_t node, int signal) const;
    /// SIGKILL, and waits for the end.
    void kill(std::size_t node);
    /// Waits for the end and gives its exit code, -1 by a signal.
    int wait_exit(std::size_t node);

    [[nodiscard]] std::uint16_t port(std::size_t node) const {
        return client_ports_[node].number();
    }
    [[nodiscard]] std::filesystem::path folder(std::size_t node) const;
    [[nodiscard]] std::string log(std::size_t node) const;
    [[nodiscard]] std::size_t count() const { return pids_.size(); }

    /// Who answers ROLE with "master", not counting `except`. Fails the test when nobody does
    /// within 30 s.
    std::size_t primary(std::optional<std::size_t> except = std::nullopt);
    /// A field of a node's INFO; empty when it does not answer.
    std::string info(std::size_t node, const std::string& field);
    /// Asks until the field has the value. Fails the test after 30 s.
    void wait_info(std::size_t node, const std::string& field, const std::string& value);

    /// The nodes are other processes: they can only be asked again and again. False after 30 s.
    [[nodiscard]] static bool wait_until(const std::function<bool()>& condition);

    /// A client that follows the primary.
    [[nodiscard]] kvnode::client::RedisClient client() const;

  private:
    std::filesystem::path root_;
    std::vector<ReservedPort> client_ports_;
    std::vector<ReservedPort> peer_ports_;
    std::vector<std::string> options_;
    std::optional<std::size_t> witness_;
    std::vector<pid_t> pids_;
};

}  // namespace faultline::testing
