// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/routes.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/file.hpp"
#include "harness/base/nearest.hpp"
#include "reports/openmetrics_text.hpp"
#include "reports/renderer.hpp"
#include "reports/serve/pages.hpp"

namespace faultline::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* html_type = "text/html; charset=utf-8";
constexpr const char* json_type = "application/json";
constexpr std::size_t api_runs_default = 100;
constexpr std::size_t api_runs_max = 10'000;

HttpResponse page(std::string body, int status = 200) {
    return {.status = status,
            .content_type = html_type,
            .body = std::move(body),
            .headers = {{"Cache-Control", "no-cache"}}};
}
HttpResponse json(std::string body, int status = 200) {
    return {.status = status,
            .content_type = json_type,
            .body = std::move(body) + "\n",
            .headers = {{"Cache-Control", "no-cache"}}};
}
std::string text_of(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}
HttpResponse json_error(int status, const std::string& message) {
    return json(text_of(Json{{"error", message}}), status);
}

std::string query_text(const HttpRequest& request, const std::string& name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? "" : found->second;
}

/// Absent: not a number of that range.
std::optional<std::size_t> query_number(const HttpRequest& request,
                                        const std::string& name,
                                        std::size_t otherwise,
                                        std::size_t most) {
    const std::string text = query_text(request, name);
    if (text.empty()) return otherwise;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number > most)
        return std::nullopt;
    return number;
}

RunFilter filter_of(const HttpRequest& request) {
    return {.scenario = query_text(request, "scenario"),
            .status = query_text(request, "status"),
            .text = query_text(request, "q")};
}

// ---- pages

HttpResponse get_list(const HttpRequest& request, const RunIndex& index) {
    constexpr std::size_t page_max = 1'000'000;
    const auto number = query_number(request, "page", 1, page_max);
    if (!number) return page(error_page("No such page", "page is a number from 1."), 400);
    const ListView view{.filter = filter_of(request), .page = *number};
    return page(query_text(request, "part").empty() ? list_page(index, view)
                                                    : list_part(index, view));
}

std::vector<const RunIndex::Run*> finished_runs(const RunIndex& index,
                                                const std::string& scenario) {
    RunFilter filter;
    filter.scenario = scenario;
    auto runs = index.select(filter);
    std::erase_if(runs,
                  [](const RunIndex::Run* run) { return run->entry.state != RunState::finished; });
    return runs;
}

std::string unknown_scenario(const RunIndex& index, const std::string& name) {
    std::vector<std::string> names;
    for (const auto& [scenario, count] : index.scenarios())
        names.push_back(scenario);
    return fmt::format("No run of scenario \"{}\" is here{}.", name, suggestion(name, names));
}

HttpResponse get_trend(const HttpRequest& request, const RunIndex& index) {
    const std::string scenario = query_text(request, "scenario");
    if (!index.scenarios().contains(scenario))
        return page(error_page("No such scenario", unknown_scenario(index, scenario)), 404);
    return page(trend_page(scenario, finished_runs(index, scenario)));
}

const char* content_type_of(const std::string& format) {
    if (format == "html") return html_type;
    if (format == "junit") return "application/xml";
    if (format == "openmetrics") return openmetrics_content_type;
    if (format == "otlp" || format == "chrome-trace") return json_type;
    return "text/plain; charset=utf-8";
}

void get_report(const HttpRequest& request,
                const RunIndex& index,
                ReportCache& cache,
                const HttpAnswer& answer) {
    const auto refuse = [&answer](int status, const char* title, const std::string& message) {
        answer(page(error_page(title, message), status));
    };
    const RunIndex::Run* run = index.find(request.path.at(1));
    if (run == nullptr)
        return refuse(404, "No such run", "No run has this id; it may have been removed.");
    if (run->entry.state == RunState::broken)
        return refuse(500, "This run cannot be read", run->entry.trouble);
    const std::string format = request.path.size() > 2 ? request.path[2] : "html";
    if (find_renderer(format) == nullptr) {
        std::vector<std::string> names;
        for (const Renderer& renderer : renderers())
            names.push_back(renderer.name);
        return refuse(
            404, "No such format", "There is no format " + format + suggestion(format, names));
    }
    constexpr std::size_t trial_max = 100'000'000;
    const auto trial = query_number(request, "trial", 0, trial_max);
    if (!trial) return refuse(400, "No such trial", "trial is a number from 1.");
    ReportCache::Wanted wanted{.directory = run->entry.directory, .format = format};
    if (*trial > 0) wanted.trial = static_cast<int>(*trial);
    const bool taken = cache.render(
        std::move(wanted),
        [answer, format](const Result<std::shared_ptr<const std::string>>& rendered) {
            if (rendered) {
                HttpResponse shown = page(**rendered);
                shown.content_type = content_type_of(format);
                return answer(std::move(shown));
            }
            const bool missing = rendered.error().code == ErrorCode::not_found;
            answer(page(error_page("This run cannot be shown", rendered.error().message),
                        missing ? 404 : 500));
        });
    if (!taken) refuse(503, "Busy", "Many reports are being rendered; try again in a moment.");
}

// ---- JSON

HttpResponse get_api_runs(const HttpRequest& request, const RunIndex& index) {
    const auto from = query_number(request, "from", 0, SIZE_MAX);
    const auto limit = query_number(request, "limit", api_runs_default, api_runs_max);
    if (!from || !limit)
        return json_error(
            400, fmt::format("from is a number from 0, limit one from 0 to {}", api_runs_max));
    const auto runs = index.select(filter_of(request));
    std::string list;
    const std::size_t first = std::min(*from, runs.size());
    const std::size_t count = std::min(*limit, runs.size() - first);
    for (std::size_t i = first; i < first + count; ++i) {
        if (!list.empty()) list += ",\n";
        list += runs[i]->json;
    }
    return json(
        fmt::format("{{\"total\":{},\"from\":{},\"runs\":[{}]}}", runs.size(), first, list));
}

HttpResponse get_api_run(const std::string& id, const RunIndex& index) {
    const RunIndex::Run* run = index.find(id);
    if (run == nullptr) return json_error(404, "no run has this id");
    const auto text = read_file(run->entry.directory / "summary.json");
    const Json summary = text ? Json::parse(*text, nullptr, false) : Json();
    return json(fmt::format("{{\"run\":{},\"summary\":{}}}",
                            run->json,
                            summary.is_discarded() ? "null" : text_of(summary)));
}

HttpResponse get_api_trend(const HttpRequest& request, const RunIndex& index) {
    const std::string scenario = query_text(request, "scenario");
    if (!index.scenarios().contains(scenario))
        return json_error(404, unknown_scenario(index, scenario));
    std::string name = query_text(request, "measure");
    if (name.empty()) name = "recovery_time.p50";
    const auto measure = find_listed_measure(name);
    if (!measure) {
        std::vector<std::string> names;
        for (const ListedMeasure& each : listed_measures)
            names.emplace_back(each.name);
        return json_error(400, "no measure " + name + suggestion(name, names));
    }
    const auto last = query_number(request, "last", api_runs_default, api_runs_max);
    if (!last) return json_error(400, "last is a number");
    auto runs = finished_runs(index, scenario);
    runs.resize(std::min(runs.size(), *last));
    Json points = Json::array();
    std::for_each(runs.rbegin(), runs.rend(), [&](const RunIndex::Run* run) {
        Json point{{"id", run->entry.id},
                   {"started", run->entry.started},
                   {"parameters", run->entry.parameters},
                   {"verdict", run->entry.verdict},
                   {"value", nullptr}};
        if (const auto value = run->entry.measures.at(*measure)) point["value"] = *value;
        points.push_back(std::move(point));
    });
    return json(text_of(Json{{"scenario", scenario},
                             {"measure", name},
                             {"unit", listed_measures.at(*measure).is_share ? "ratio" : "ns"},
                             {"points", std::move(points)}}));
}

HttpResponse get_metrics(const RunIndex& index) {
    OpenMetricsText text({});
    text.family({"faultline_runs", "gauge", "", "Runs below the folder by verdict."});
    for (const auto& [status, count] : index.statuses())
        text.sample("", {{"status", status}}, static_cast<double>(count));
    return {.content_type = openmetrics_content_type, .body = text.finish()};
}

HttpResponse get_api(const HttpRequest& request, const RunIndex& index) {
    const auto& path = request.path;
    if (path.size() == 2 && path[1] == "runs") return get_api_runs(request, index);
    if (path.size() == 3 && path[1] == "runs") return get_api_run(path[2], index);
    if (path.size() == 2 && path[1] == "trend") return get_api_trend(request, index);
    return json_error(404, "there are /api/runs, /api/runs/ID and /api/trend");
}

}  // namespace

void answer_request(const HttpRequest& request,
                    const LiveRuns& runs,
                    ReportCache& cache,
                    const HttpAnswer& answer) {
    const auto& path = request.path;
    const RunIndex& index = runs.index();
    if (path.empty()) return answer(get_list(request, index));
    const std::string& first = path.front();
    if (first == "runs" && (path.size() == 2 || path.size() == 3))
        return get_report(request, index, cache, answer);
    if (first == "trend" && path.size() == 1) return answer(get_trend(request, index));
    if (first == "api") return answer(get_api(request, index));
    if (first == "metrics" && path.size() == 1) return answer(get_metrics(index));
    if (first == "events" && path.size() == 1) {
        return answer({.content_type = "text/event-stream",
                       .headers = {{"Cache-Control", "no-store"}},
                       .events = true});
    }
    answer(page(error_page("Nothing here", "This server shows runs; start at the list."), 404));
}

}  // namespace faultline::reports
