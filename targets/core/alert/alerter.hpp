// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "targets/core/alert/rule.hpp"
#include "targets/core/alert/sink.hpp"

namespace ftcore {

struct AlertSettings {
    std::vector<AlertRule> rules = default_alert_rules();
    bool log = true;
    WebhookSettings webhook{};
    AlertCommandSettings command{};
};

/// Carries out the rules: tells the sinks once when a rule has held for its time, and once when it
/// holds no more. The same alert is never told twice while it is firing, nor again within its
/// cooldown; one that comes back after that is told again. Thread: one owner.
class Alerter {
  public:
    Alerter(AlertSettings settings, std::string node);

    void turn(const AlertView& view, Outbox& outbox);
    /// When a rule that holds will have held long enough; Instant::max() when none does.
    [[nodiscard]] Instant deadline() const { return deadline_; }
    /// What fires now: "peer_lost kv[1]".
    [[nodiscard]] std::vector<std::string> firing() const;

    /// Subjects beyond this are not told apart from silence: a bound on memory.
    static constexpr std::size_t tracked_max = 256;

  private:
    struct Tracked {
        std::optional<Instant> held_since{};
        bool firing = false;
        std::optional<Instant> resolved_at{};
        std::string text{};
    };
    using Key = std::pair<std::size_t, std::string>;  // rule, subject

    void note(const AlertView& view, std::size_t rule, const AlertSubject& subject, Outbox& outbox);
    void settle(const AlertView& view, Outbox& outbox);
    void tell(const AlertView& view, const Key& key, const Tracked& tracked, Outbox& outbox);

    std::vector<AlertRule> rules_;
    std::string node_;
    std::vector<std::unique_ptr<AlertSink>> sinks_{};
    std::map<Key, Tracked> tracked_{};
    std::vector<Key> held_{};  // in this turn
    Instant deadline_ = Instant::max();
};

}  // namespace ftcore
