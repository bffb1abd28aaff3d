// SPDX-License-Identifier: Apache-2.0
#include "targets/core/alert/alerter.hpp"

#include <algorithm>

#include "harness/base/check.hpp"

namespace ftcore {

Alerter::Alerter(AlertSettings settings, std::string node)
    : rules_(std::move(settings.rules)), node_(std::move(node)) {
    for (const AlertRule& rule : rules_)
        FL_CHECK(rule.subjects != nullptr);
    sinks_.push_back(alert_event_sink());
    if (settings.log) sinks_.push_back(alert_log_sink());
    if (!settings.webhook.url.empty()) sinks_.push_back(alert_webhook_sink(settings.webhook));
    if (!settings.command.words.empty()) sinks_.push_back(alert_command_sink(settings.command));
}

void Alerter::turn(const AlertView& view, Outbox& outbox) {
    deadline_ = Instant::max();
    held_.clear();
    for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
        for (const AlertSubject& subject : rules_[rule].subjects(view))
            note(view, rule, subject, outbox);
    }
    settle(view, outbox);
}

void Alerter::note(const AlertView& view,
                   std::size_t rule,
                   const AlertSubject& subject,
                   Outbox& outbox) {
    const Key key{rule, subject.key};
    if (!tracked_.contains(key) && tracked_.size() == tracked_max) return;
    held_.push_back(key);
    Tracked& tracked = tracked_[key];
    tracked.text = subject.text;
    if (tracked.firing) return;
    if (!tracked.held_since) tracked.held_since = view.now;
    Instant due = *tracked.held_since + rules_[rule].hold;
    if (tracked.resolved_at) due = std::max(due, *tracked.resolved_at + rules_[rule].cooldown);
    if (view.now < due) {
        deadline_ = std::min(deadline_, due);
        return;
    }
    tracked.firing = true;
    tell(view, key, tracked, outbox);
}

/// What held before and does not any more.
void Alerter::settle(const AlertView& view, Outbox& outbox) {
    for (auto entry = tracked_.begin(); entry != tracked_.end();) {
        Tracked& tracked = entry->second;
        const bool holds = std::find(held_.begin(), held_.end(), entry->first) != held_.end();
        if (!holds) {
            tracked.held_since.reset();
            if (tracked.firing) {
                tracked.firing = false;
                tracked.resolved_at = view.now;
                tell(view, entry->first, tracked, outbox);
            }
        }
        const bool forgotten =
            !holds && (!tracked.resolved_at ||
                       view.now - *tracked.resolved_at >= rules_[entry->first.first].cooldown);
        entry = forgotten ? tracked_.erase(entry) : std::next(entry);
    }
}

void Alerter::tell(const AlertView& view, const Key& key, const Tracked& tracked, Outbox& outbox) {
    const AlertRule& rule = rules_[key.first];
    const Alert alert{.at = view.now,
                      .node = node_,
                      .rule = rule.name,
                      .subject = key.second,
                      .severity = rule.severity,
                      .firing = tracked.firing,
                      .text = tracked.text};
    for (const auto& sink : sinks_)
        sink->tell(alert, outbox);
}

std::vector<std::string> Alerter::firing() const {
    std::vector<std::string> names;
    for (const auto& [key, tracked] : tracked_) {
        if (!tracked.firing) continue;
        names.push_back(key.second.empty() ? rules_[key.first].name
                                           : rules_[key.first].name + " " + key.second);
    }
    return names;
}

}  // namespace ftcore
