// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/model.hpp"

namespace faultline {

/// One link of a trial: who connects to whom, and where.
struct PlannedLink {
    std::string name;  // "kv[0]->kv[1].peer"
    std::string from;  // "kv[0]", or "load"
    std::string to;    // "kv[1]"
    std::string port;  // "peer"
    bool shared = false;
    bool proxied = true;       // else packets are all there is to it
    std::uint16_t listen = 0;  // where `from` connects to, at the host of `to`; 0: no proxy there
};

/// The links of a trial, from each instance to each other one, in the order of the scenario.
class LinkPlan {
  public:
    LinkPlan() = default;
    /// Each with a proxy.
    explicit LinkPlan(const Scenario& scenario);
    /// `proxied`: which of them have a proxy.
    LinkPlan(const Scenario& scenario, const std::function<bool(const LinkSpec&)>& proxied);

    [[nodiscard]] const std::vector<PlannedLink>& links() const { return links_; }
    /// One for each link with a proxy, for shared ones one for each place they lead to.
    [[nodiscard]] std::size_t ports_needed() const { return entrances_; }
    /// Shape: as many as are needed, from `first` on.
    void take_ports(const std::vector<std::uint16_t>& ports, std::size_t first);

    /// Where `from` reaches a port of `to` through a proxy: its own, or the shared one, which is
    /// the same for every instance, `to` itself included. Absent: it connects directly.
    [[nodiscard]] std::optional<std::uint16_t> port_to(const std::string& from,
                                                       const std::string& to,
                                                       const std::string& port) const;

  private:
    std::vector<PlannedLink> links_;
    std::vector<std::size_t> entrance_of_;  // beside each link: which of the ports, if any
    std::size_t entrances_ = 0;
};

}  // namespace faultline
