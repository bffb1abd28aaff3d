// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/live_metrics.hpp"

#include <mutex>
#include <thread>
#include <utility>

#include "harness/cli/live_figures.hpp"
#include "reports/openmetrics_text.hpp"
#include "reports/serve/http_server.hpp"

namespace faultline::cli {

using reports::HttpAnswer;
using reports::HttpRequest;
using reports::HttpServer;

struct LiveMetrics::State {
    std::mutex mutex;
    LiveFigures figures{};  // guarded
    std::unique_ptr<HttpServer> server{};
    std::thread thread{};

    void answer(const HttpRequest& request, const HttpAnswer& give) {
        if (request.path != std::vector<std::string>{"metrics"})
            return give(reports::http_error(404, "the figures of this run are at /metrics"));
        std::string text;
        {
            const std::lock_guard lock(mutex);
            text = figures.text();
        }
        give({.content_type = reports::openmetrics_content_type, .body = std::move(text)});
    }
};

Result<std::unique_ptr<LiveMetrics>> LiveMetrics::start(std::uint16_t port) {
    auto state = std::make_unique<State>();
    State& parts = *state;
    FL_TRY(state->server,
           HttpServer::listen({.port = port},
                              [&parts](const HttpRequest& request, const HttpAnswer& give) {
                                  parts.answer(request, give);
                              }));
    state->thread = std::thread([&parts] { parts.server->run(); });
    return std::unique_ptr<LiveMetrics>(new LiveMetrics(std::move(state)));
}

LiveMetrics::LiveMetrics(std::unique_ptr<State> state) : state_(std::move(state)) {}

LiveMetrics::~LiveMetrics() {
    state_->server->stop();
    state_->thread.join();
}

std::string LiveMetrics::url() const {
    return "http://" + state_->server->address() + "/metrics";
}

void LiveMetrics::begin(const Scenario& scenario, const std::string& run) {
    std::map<std::string, std::string> parameters = scenario.parameters;
    for (auto& [name, value] : parameters)
        value = scenario.secrets.mask(value);
    const std::lock_guard lock(state_->mutex);
    state_->figures = LiveFigures(scenario.name, std::move(parameters), run);
}

void LiveMetrics::progress(const TrialProgress& progress) {
    const std::lock_guard lock(state_->mutex);
    state_->figures.progress(progress);
}

void LiveMetrics::trial_done(const TrialRecord& trial, int done, int asked) {
    const std::lock_guard lock(state_->mutex);
    state_->figures.trial_done(trial, done, asked);
}

}  // namespace faultline::cli
