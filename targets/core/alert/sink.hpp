// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "targets/core/errors/error_code.hpp"
#include "targets/core/pipeline/outbox.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// One message to people.
struct Alert {
    Instant at{};
    std::string node;  // who says it
    std::string rule;
    std::string subject{};  // of several: which
    Severity severity = Severity::error;
    bool firing = true;  // or resolved
    std::string text;
};

/// Somewhere alerts go.
class AlertSink {
  public:
    virtual ~AlertSink() = default;
    virtual void tell(const Alert& alert, Outbox& outbox) = 0;
};

/// The event `alert`.
[[nodiscard]] std::unique_ptr<AlertSink> alert_event_sink();
/// The event `log`: one line for people.
[[nodiscard]] std::unique_ptr<AlertSink> alert_log_sink();

struct WebhookSettings {
    std::string url{};  // empty: none
    Severity severity_min = Severity::error;
};
/// An HTTP POST of one JSON object.
[[nodiscard]] std::unique_ptr<AlertSink> alert_webhook_sink(WebhookSettings settings);

struct AlertCommandSettings {
    std::vector<std::string>
        words{};  // the alert follows as severity, rule, state and text; empty: none
    Severity severity_min = Severity::error;
};
[[nodiscard]] std::unique_ptr<AlertSink> alert_command_sink(AlertCommandSettings settings);

}  // namespace ftcore
