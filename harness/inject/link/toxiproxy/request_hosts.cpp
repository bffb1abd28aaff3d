// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/inject/link/toxiproxy/routes.hpp"

namespace faultline::link {

std::vector<std::string> hosts_of(const ApiRequest& request) {
    std::vector<std::string> hosts;
    const auto add = [&hosts](const std::string& address) {
        std::string host = host_to_look_up(address);
        if (!host.empty() && std::find(hosts.begin(), hosts.end(), host) == hosts.end())
            hosts.push_back(std::move(host));
    };
    const auto segments = path_segments(request.target);
    if (!segments || request.method == "GET") return hosts;
    if (*segments == std::vector<std::string>{"populate"}) {
        if (const auto proxies = read_proxies(request.body)) {
            for (const ProxyRequest& proxy : *proxies) {
                add(proxy.listen);
                add(proxy.upstream);
            }
        }
    } else if (*segments == std::vector<std::string>{"proxies"}) {
        if (const auto proxy = read_proxy(request.body)) {
            add(proxy->listen);
            add(proxy->upstream);
        }
    } else if (segments->size() == 2 && segments->front() == "proxies") {
        if (const auto change = read_proxy_change(request.body)) {
            add(change->listen.value_or(""));
            add(change->upstream.value_or(""));
        }
    }
    return hosts;
}

}  // namespace faultline::link
