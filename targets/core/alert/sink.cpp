// SPDX-License-Identifier: Apache-2.0
#include "targets/core/alert/sink.hpp"

#include <fmt/format.h>

#include "harness/include/faultline/event.hpp"

namespace ftcore {
namespace {

std::string_view state_of(const Alert& alert) {
    return alert.firing ? "firing" : "resolved";
}

class AlertEvent final : public AlertSink {
  public:
    void tell(const Alert& alert, Outbox& outbox) override {
        outbox.emit(alert.at,
                    "alert",
                    {{"rule", alert.rule},
                     {"about", alert.subject.empty() ? alert.node : alert.subject},
                     {"severity", std::string(name_of(alert.severity))},
                     {"state", std::string(state_of(alert))},
                     {"text", alert.text}});
    }
};

class AlertLog final : public AlertSink {
  public:
    void tell(const Alert& alert, Outbox& outbox) override {
        outbox.emit(alert.at,
                    "log",
                    {{"severity", std::string(name_of(alert.severity))},
                     {"text", fmt::format("{} {}: {}", alert.rule, state_of(alert), alert.text)}});
    }
};

class AlertWebhook final : public AlertSink {
  public:
    explicit AlertWebhook(WebhookSettings settings) : settings_(std::move(settings)) {}

    void tell(const Alert& alert, Outbox& outbox) override {
        if (alert.severity < settings_.severity_min) return;
        faultline::embed::EventText body;
        body.begin("alert", faultline::nanoseconds_of(alert.at));
        body.field("node", alert.node);
        body.field("rule", alert.rule);
        body.field("subject", alert.subject);
        body.field("severity", name_of(alert.severity));
        body.field("state", state_of(alert));
        body.field("text", std::string_view(alert.text).substr(0, text_bytes_max));
        body.end();
        if (!body.fits()) return;  // names of kilobytes: nobody's alert
        outbox.act(action::CallWebhook{settings_.url, std::string(body.view())});
    }

  private:
    static constexpr std::size_t text_bytes_max = 1024;
    WebhookSettings settings_;
};

class AlertCommand final : public AlertSink {
  public:
    explicit AlertCommand(AlertCommandSettings settings) : settings_(std::move(settings)) {}

    void tell(const Alert& alert, Outbox& outbox) override {
        if (alert.severity < settings_.severity_min) return;
        std::vector<std::string> words = settings_.words;
        words.emplace_back(name_of(alert.severity));
        words.push_back(alert.rule);
        words.emplace_back(state_of(alert));
        words.push_back(alert.text);
        outbox.act(action::RunCommand{std::move(words)});
    }

  private:
    AlertCommandSettings settings_;
};

}  // namespace

std::unique_ptr<AlertSink> alert_event_sink() {
    return std::make_unique<AlertEvent>();
}

std::unique_ptr<AlertSink> alert_log_sink() {
    return std::make_unique<AlertLog>();
}

std::unique_ptr<AlertSink> alert_webhook_sink(WebhookSettings settings) {
    return std::make_unique<AlertWebhook>(std::move(settings));
}

std::unique_ptr<AlertSink> alert_command_sink(AlertCommandSettings settings) {
    return std::make_unique<AlertCommand>(std::move(settings));
}

}  // namespace ftcore
