// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/notify.hpp"

#include <cmath>
#include <cstdio>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/command.hpp"
#include "harness/base/units.hpp"
#include "harness/cli/http_post.hpp"

namespace faultline::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int attempts_max = 2;
constexpr Duration attempt_pause = std::chrono::milliseconds(500);

Json rounded(const std::optional<double>& nanoseconds) {
    return nanoseconds ? Json(static_cast<std::int64_t>(std::llround(*nanoseconds))) : Json();
}

Json span_json(const InjectionSummary& measures, const char* name) {
    const auto found = measures.spans.find(name);
    if (found == measures.spans.end()) return Json();
    return Json{{"n", found->second.n},
                {"censored", found->second.censored},
                {"p50_ns", rounded(found->second.p50)},
                {"p95_ns", rounded(found->second.p95)}};
}

Json share_json(const ShareSummary& share) {
    return Json{{"n", share.n}, {"mean", share.mean ? Json(*share.mean) : Json()}};
}

/// Absent: taken. Otherwise why not, and whether another attempt may do better.
struct Refusal {
    std::string why;
    bool for_good = false;
};
std::optional<Refusal> attempt(const JsonPost& post) {
    constexpr int success_first = 200, success_last = 299, server_errors = 500;
    const auto status = post_json(post);
    if (!status) return Refusal{status.error().message, status.error().code == ErrorCode::invalid};
    if (*status >= success_first && *status <= success_last) return std::nullopt;
    return Refusal{fmt::format("the answer was status {}", *status), *status < server_errors};
}

Result<> tell_webhook(const std::string& url, const std::string& json, Duration timeout) {
    FL_TRY(const WebhookUrl parsed, parse_webhook_url(url));
    const JsonPost post{.url = parsed, .body = json, .timeout = timeout};
    std::optional<Refusal> refusal;
    for (int i = 0; i < attempts_max; ++i) {
        if (i > 0) std::this_thread::sleep_for(attempt_pause);
        refusal = attempt(post);
        if (!refusal) return {};
        if (refusal->for_good) break;
    }
    return fail(fmt::format("webhook {}: {}", url, refusal->why));
}

Result<> tell_command(const std::string& line,
                      const Notification& notification,
                      const std::string& json,
                      Duration timeout) {
    Command command{.words = {"/bin/sh", "-c", line}};
    command.environment = {
        {"FAULTLINE_VERDICT", std::string(name_of(notification.outcome))},
        {"FAULTLINE_EXIT_CODE", std::to_string(exit_code_of(notification.outcome))},
        {"FAULTLINE_RUN", notification.run},
        {"FAULTLINE_SCENARIO", notification.scenario},
        {"FAULTLINE_DIRECTORY", notification.directory.string()}};
    command.input = json + "\n";
    command.timeout = timeout;
    FL_TRY(const CommandResult result, run_command(command));
    // Standard output holds the report, which other programs may read.
    fmt::print(stderr, "{}{}", result.output, result.error_output);
    if (result.timed_out) {
        return fail(fmt::format(
            "command \"{}\": not done within {}; it was killed", line, format_duration(timeout)));
    }
    if (result.signal)
        return fail(fmt::format("command \"{}\": ended by signal {}", line, *result.signal));
    if (result.exit_code.value_or(0) != 0)
        return fail(fmt::format("command \"{}\": exit code {}", line, *result.exit_code));
    return {};
}

}  // namespace

Result<> check_subscribers(const Subscribers& subscribers) {
    for (const std::string& url : subscribers.webhooks) {
        if (const auto parsed = parse_webhook_url(url); !parsed)
            return tl::unexpected(parsed.error());
    }
    return {};
}

Notification notification_of(const RunRecord& run, const std::filesystem::path& directory) {
    Notification notification{.run = run.run,
                              .scenario = run.scenario_name,
                              .parameters = run.parameters,
                              .directory = directory,
                              .command = run.command};
    notification.outcome = run.summary->outcome;
    notification.reason = run.summary->reason;
    if (!run.summary->injections.empty()) notification.measures = run.summary->injections.front();
    return notification;
}

std::string json_of(const Notification& notification) {
    Json json{{"run", notification.run},
              {"scenario", notification.scenario},
              {"parameters", Json::object()},
              {"verdict", name_of(notification.outcome)},
              {"exit_code", exit_code_of(notification.outcome)},
              {"reason", notification.reason},
              {"detection_time", nullptr},
              {"recovery_time", nullptr},
              {"success_rate", nullptr},
              {"directory", notification.directory.string()},
              {"command", notification.command}};
    for (const auto& [name, value] : notification.parameters)
        json["parameters"][name] = value;
    if (notification.measures) {
        json["detection_time"] = span_json(*notification.measures, "detection_time");
        json["recovery_time"] = span_json(*notification.measures, "recovery_time");
        json["success_rate"] = share_json(notification.measures->success_rate);
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<std::string> notify(const Subscribers& subscribers, const Notification& notification) {
    std::vector<std::string> troubles;
    const auto keep = [&troubles](const Result<>& told) {
        if (!told) troubles.push_back(told.error().message);
    };
    if (subscribers.webhooks.empty() && subscribers.commands.empty()) return troubles;
    const std::string json = json_of(notification);
    for (const std::string& url : subscribers.webhooks)
        keep(tell_webhook(url, json, subscribers.webhook_timeout));
    for (const std::string& line : subscribers.commands)
        keep(tell_command(line, notification, json, subscribers.command_timeout));
    return troubles;
}

}  // namespace faultline::cli
