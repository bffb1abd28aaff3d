// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/routes.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/inject/link/toxiproxy/metrics.hpp"
#include "harness/inject/link/toxiproxy/reply.hpp"
#include "harness/scenario/names.hpp"

namespace faultline::link {
namespace {

constexpr const char* json_type = "application/json";

ApiResponse json(int status, std::string body) {
    return {.status = status, .content_type = json_type, .body = std::move(body)};
}
ApiResponse error(const ApiError& what) {
    return json(what.status, json_of(what));
}
ApiResponse no_content() {
    return {.status = 204};
}

/// What a request is carried out with; `name` and `toxic` are those of its path.
struct Call {
    const ApiRequest& request;
    ProxySet& set;
    const AddressBook& book;
    const ApiOptions& options;
    std::string name{};
    std::string toxic{};
};

// ---- the server as a whole

ApiResponse get_version(const Call&) {
    return json(200, version_json());
}

ApiResponse populate(const Call& call) {
    auto requests = read_proxies(call.request.body);
    const ProxySet::Populated populated =
        requests ? call.set.populate(std::move(*requests), call.book)
                 : ProxySet::Populated{.error = std::move(requests).error()};
    return json(populated.error ? populated.error->status : 201, json_of(call.set, populated));
}

ApiResponse reset(const Call& call) {
    const auto done = call.set.reset();
    return done ? no_content() : error(done.error());
}

ApiResponse get_metrics(const Call& call) {
    const std::string& accept = call.request.accept;
    const bool older = accept.find("application/openmetrics-text") == std::string::npos &&
                       accept.find("text/plain") != std::string::npos;
    const MetricsOptions options{.proxies = call.options.proxy_metrics,
                                 .runtime = call.options.runtime_metrics,
                                 .openmetrics = !older};
    return {.content_type = metrics_content_type(options.openmetrics),
            .body = metrics_text(call.set, options)};
}

// ---- proxies

ApiResponse proxy_or_error(const Call& call, int status, const Answer<const Proxy*>& proxy) {
    return proxy ? json(status, json_of(call.set, **proxy)) : error(proxy.error());
}

ApiResponse get_proxies(const Call& call) {
    return json(200, json_of(call.set));
}

ApiResponse create_proxy(const Call& call) {
    auto request = read_proxy(call.request.body);
    if (!request) return error(request.error());
    return proxy_or_error(call, 201, call.set.create(std::move(*request), call.book));
}

ApiResponse get_proxy(const Call& call) {
    return proxy_or_error(call, 200, call.set.find(call.name));
}

ApiResponse update_proxy(const Call& call) {
    if (const auto known = call.set.find(call.name); !known) return error(known.error());
    const auto change = read_proxy_change(call.request.body);
    if (!change) return error(change.error());
    return proxy_or_error(call, 200, call.set.update(call.name, *change, call.book));
}

ApiResponse delete_proxy(const Call& call) {
    const auto done = call.set.remove(call.name);
    return done ? no_content() : error(done.error());
}

// ---- toxics

ApiResponse toxic_or_error(const Answer<const Toxic*>& toxic) {
    return toxic ? json(200, json_of(**toxic)) : error(toxic.error());
}

/// Errors: 404 for either.
Answer<const Toxic*> find_toxic(const Call& call) {
    const auto proxy = call.set.find(call.name);
    if (!proxy) return tl::unexpected(proxy.error());
    if (const Toxic* toxic = (*proxy)->find(call.toxic)) return toxic;
    std::vector<std::string> names;
    for (const Toxic& toxic : (*proxy)->toxics)
        names.push_back(toxic.name);
    return refuse(
        404,
        "toxic not found",
        fmt::format("\"{}\"{}",
                    call.toxic.substr(0, 60),
                    names.empty() ? "; the proxy has no toxics" : suggest(call.toxic, names)));
}

ApiResponse get_toxics(const Call& call) {
    const auto proxy = call.set.find(call.name);
    return proxy ? json(200, json_of((*proxy)->toxics)) : error(proxy.error());
}

ApiResponse create_toxic(const Call& call) {
    if (const auto known = call.set.find(call.name); !known) return error(known.error());
    auto toxic = read_toxic(call.request.body);
    if (!toxic) return error(toxic.error());
    return toxic_or_error(call.set.add_toxic(call.name, std::move(*toxic)));
}

ApiResponse get_toxic(const Call& call) {
    return toxic_or_error(find_toxic(call));
}

ApiResponse update_toxic(const Call& call) {
    const auto before = find_toxic(call);
    if (!before) return error(before.error());
    auto toxic = read_toxic_change(call.request.body, **before);
    if (!toxic) return error(toxic.error());
    return toxic_or_error(call.set.replace_toxic(call.name, std::move(*toxic)));
}

ApiResponse delete_toxic(const Call& call) {
    if (const auto known = find_toxic(call); !known) return error(known.error());
    const auto done = call.set.remove_toxic(call.name, call.toxic);
    return done ? no_content() : error(done.error());
}

// ---- which is which

using Handler = ApiResponse (*)(const Call&);

struct Route {
    std::vector<std::string_view> methods;
    std::vector<std::string_view> path;  // "*": a name
    Handler handler;
};

const std::vector<Route>& routes() {
    static const std::vector<Route> table{
        {{"GET"}, {"version"}, get_version},
        {{"GET"}, {"metrics"}, get_metrics},
        {{"POST"}, {"populate"}, populate},
        {{"POST"}, {"reset"}, reset},
        {{"GET"}, {"proxies"}, get_proxies},
        {{"POST"}, {"proxies"}, create_proxy},
        {{"GET"}, {"proxies", "*"}, get_proxy},
        {{"POST", "PATCH"}, {"proxies", "*"}, update_proxy},
        {{"DELETE"}, {"proxies", "*"}, delete_proxy},
        {{"GET"}, {"proxies", "*", "toxics"}, get_toxics},
        {{"POST"}, {"proxies", "*", "toxics"}, create_toxic},
        {{"GET"}, {"proxies", "*", "toxics", "*"}, get_toxic},
        {{"POST", "PATCH"}, {"proxies", "*", "toxics", "*"}, update_toxic},
        {{"DELETE"}, {"proxies", "*", "toxics", "*"}, delete_toxic},
    };
    return table;
}

bool matches(const Route& route, const std::vector<std::string>& segments) {
    return std::equal(route.path.begin(),
                      route.path.end(),
                      segments.begin(),
                      segments.end(),
                      [](std::string_view wanted, const std::string& segment) {
                          return wanted == "*" ? !segment.empty() : wanted == segment;
                      });
}

bool takes(const Route& route, const std::string& method) {
    return std::find(route.methods.begin(), route.methods.end(), method) != route.methods.end();
}

ApiResponse unknown_path(const std::string& first) {
    const std::vector<std::string> known{"version", "proxies", "populate", "reset", "metrics"};
    return error(
        {404, "not found", fmt::format("\"/{}\"{}", first.substr(0, 60), suggest(first, known))});
}

}  // namespace

ApiResponse respond(const ApiRequest& request,
                    ProxySet& set,
                    const AddressBook& book,
                    const ApiOptions& options) {
    // A page in a browser could otherwise make its visitor's machine open ports.
    if (request.user_agent.starts_with("Mozilla/"))
        return error({403, "User agent not allowed", "browsers are refused"});
    const auto segments = path_segments(request.target);
    if (!segments) return error({400, "bad request path", "'%' is followed by two digits"});
    if (segments->front() == "metrics" && !options.proxy_metrics && !options.runtime_metrics)
        return error({404, "not found", "start with --proxy-metrics or --runtime-metrics"});
    std::vector<std::string_view> allowed;
    for (const Route& route : routes()) {
        if (!matches(route, *segments)) continue;
        if (!takes(route, request.method)) {
            allowed.insert(allowed.end(), route.methods.begin(), route.methods.end());
            continue;
        }
        return route.handler({.request = request,
                              .set = set,
                              .book = book,
                              .options = options,
                              .name = segments->size() > 1 ? (*segments)[1] : "",
                              .toxic = segments->size() > 3 ? (*segments)[3] : ""});
    }
    if (!allowed.empty())
        return {.status = 405, .allow = fmt::format("{}", fmt::join(allowed, ", "))};
    return unknown_path(segments->front());
}

}  // namespace faultline::link
