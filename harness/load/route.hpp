// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "harness/load/address.hpp"
#include "harness/load/load.hpp"

namespace faultline {

/// Where a connection goes.
struct Destination {
    SocketAddress address;
    std::uint8_t endpoint = 0xFF;  // index into LoadTargets::endpoints; 0xFF: none of them
};

/// Decides where the connections of a load go, now and after each loss.
/// Thread: the generator's, unless said otherwise.
class Route {
  public:
    virtual ~Route() = default;

    /// Begins whatever the route does on its own. It calls `changed`, from a thread of its own,
    /// when a search has ended, well or not.
    virtual void start(std::function<void()> changed) = 0;
    /// Ends it; `changed` is not called any more.
    virtual void stop() = 0;

    /// Where connection number `connection` should go, if that is known now.
    [[nodiscard]] virtual std::optional<Destination> destination(int connection) = 0;
    /// The destination has failed somebody: look again.
    virtual void search() = 0;
    /// Whether an answer is still being looked for; `changed` will tell.
    [[nodiscard]] virtual bool searching() const = 0;
    /// How many rounds of searching found nothing.
    [[nodiscard]] virtual std::uint64_t failures() const = 0;
};

/// Connections spread round robin over the endpoints that `to` means right now, each staying with
/// its own, so that an instance which comes back is used again.
class SpreadRoute final : public Route {
  public:
    /// Errors: a host that cannot be resolved.
    [[nodiscard]] static Result<std::unique_ptr<SpreadRoute>> make(const LoadTargets& targets);

    void start(std::function<void()>) override {}
    void stop() override {}
    [[nodiscard]] std::optional<Destination> destination(int connection) override;
    void search() override {}
    [[nodiscard]] bool searching() const override { return false; }
    [[nodiscard]] std::uint64_t failures() const override { return 0; }

  private:
    SpreadRoute(std::vector<SocketAddress> addresses, std::function<std::vector<int>()> current)
        : addresses_(std::move(addresses)), current_(std::move(current)) {}

    std::vector<SocketAddress> addresses_;
    std::function<std::vector<int>()> current_;
};

/// Each connection begins with an endpoint of its own, and goes to the next one whenever it has to
/// connect again: what a client does that knows several servers, of which any will do.
class RotatingRoute final : public Route {
  public:
    /// Errors: a host that cannot be resolved.
    [[nodiscard]] static Result<std::unique_ptr<RotatingRoute>> make(
        const std::vector<Endpoint>& endpoints);

    void start(std::function<void()>) override {}
    void stop() override {}
    [[nodiscard]] std::optional<Destination> destination(int connection) override;
    void search() override {}
    [[nodiscard]] bool searching() const override { return false; }
    [[nodiscard]] std::uint64_t failures() const override { return 0; }

  private:
    explicit RotatingRoute(std::vector<SocketAddress> addresses)
        : addresses_(std::move(addresses)) {}

    std::vector<SocketAddress> addresses_;
    std::vector<std::size_t> tries_;  // by connection
};

/// The addresses of `endpoints`, in order. Errors: the first that cannot be resolved.
[[nodiscard]] Result<std::vector<SocketAddress>> resolve_all(
    const std::vector<Endpoint>& endpoints);

}  // namespace faultline
