// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/loop.hpp"
#include "harness/base/result.hpp"
#include "harness/scenario/catalog.hpp"
#include "harness/scenario/model.hpp"

namespace faultline {

/// What a probe learnt in one attempt.
struct ProbeAnswer {
    bool ok = false;      // it answered, and answered what the probe needs
    std::string value{};  // "master", "200", ...; compared with "equals"
    std::string error{};  // why not ok, for people
    Instant asked{};
    Instant answered{};
};

/// Whom a probe asks.
struct ProbeTarget {
    std::string instance;
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;                            // 0: the target has none (exec)
    std::map<std::string, std::string> environment{};  // exec: FAULTLINE_PORT_CLIENT and so on
    std::string folder{};
};

/// Asks one question without blocking.
/// Thread: the loop's.
class Probe {
  public:
    virtual ~Probe() = default;
    /// Calls back exactly once, with an error at the timeout; a probe destroyed before never calls.
    /// Requires: no question under way.
    virtual void ask(std::function<void(ProbeAnswer)> answer) = 0;
};

[[nodiscard]] Result<std::unique_ptr<Probe>> make_probe(Loop& loop,
                                                        const ProbeSpec& spec,
                                                        ProbeTarget target);

/// The probe kinds, sorted by name.
[[nodiscard]] const std::vector<Kind>& probe_kinds();

/// Whether an answer is the one `spec.equals` asks for (any ok answer when it asks for none).
[[nodiscard]] bool satisfies(const ProbeSpec& spec, const ProbeAnswer& answer);

/// Asks again every `spec.period` (never two at a time) until destroyed.
class ProbeSchedule {
  public:
    ProbeSchedule(Loop& loop,
                  Duration period,
                  std::unique_ptr<Probe> probe,
                  std::function<void(const ProbeAnswer&)> on_answer);
    ~ProbeSchedule();
    ProbeSchedule(ProbeSchedule&&) noexcept;
    /// The last answer, if any came yet.
    [[nodiscard]] const std::optional<ProbeAnswer>& last() const;
    /// Asks now, out of turn, unless a question is under way.
    void ask_now();

  private:
    struct State;
    std::shared_ptr<State> state_;  // shared with the callback of a question under way
};

}  // namespace faultline
