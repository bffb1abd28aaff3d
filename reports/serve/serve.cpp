// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/serve.hpp"

#include <utility>

#include "reports/serve/http_server.hpp"
#include "reports/serve/live_runs.hpp"
#include "reports/serve/report_cache.hpp"
#include "reports/serve/routes.hpp"

namespace faultline::reports {

struct RunServer::State {
    State(LiveRuns live, ReportCache::Judge judge)
        : runs(std::move(live)), cache(std::make_unique<ReportCache>(std::move(judge))) {}
    ~State() { cache.reset(); }  // whose answers go to the server's sessions

    LiveRuns runs;
    std::unique_ptr<HttpServer> http{};
    std::unique_ptr<ReportCache> cache;

    void tell_news() {
        for (const RunNews& news : runs.catch_up())
            http->publish(news.event, news.data);
    }
};

Result<std::unique_ptr<RunServer>> RunServer::open(ServeOptions options) {
    FL_TRY(LiveRuns runs, LiveRuns::open(options.directory));
    auto state = std::make_unique<State>(std::move(runs), std::move(options.judge));
    State& parts = *state;
    FL_TRY(state->http,
           HttpServer::listen({.host = options.host, .port = options.port},
                              [&parts](const HttpRequest& request, const HttpAnswer& answer) {
                                  answer_request(request, parts.runs, *parts.cache, answer);
                              }));
    state->http->watch(state->runs.fd(), [&parts] { parts.tell_news(); });
    state->http->stop_on_signals();
    return std::unique_ptr<RunServer>(new RunServer(std::move(state)));
}

RunServer::RunServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
RunServer::~RunServer() = default;

std::string RunServer::address() const {
    return state_->http->address();
}
std::size_t RunServer::run_count() const {
    return state_->runs.index().size();
}
std::string RunServer::trouble() const {
    return state_->runs.trouble();
}
void RunServer::run() {
    state_->http->run();
}
void RunServer::stop() {
    state_->http->stop();
}

}  // namespace faultline::reports
