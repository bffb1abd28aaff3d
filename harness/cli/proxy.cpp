// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "harness/base/random.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/name_lookup.hpp"
#include "harness/cli/proxy_server.hpp"
#include "harness/inject/link/toxiproxy/configuration.hpp"
#include "harness/judge/outcome.hpp"

namespace faultline::cli {
namespace {

constexpr int usage_error = exit_code_of(RunOutcome::usage);
constexpr int machine_error = exit_code_of(RunOutcome::harness_error);

std::vector<std::string> hosts_of(const std::vector<link::ProxyRequest>& proxies) {
    std::vector<std::string> hosts;
    for (const link::ProxyRequest& proxy : proxies) {
        for (const std::string& address : {proxy.listen, proxy.upstream}) {
            std::string host = link::host_to_look_up(address);
            if (!host.empty()) hosts.push_back(std::move(host));
        }
    }
    return hosts;
}

/// Opens the proxies of the configuration. Returns an exit code; 0: they are open.
int open_proxies(link::Configuration configuration, link::ProxySet& set) {
    const link::AddressBook book = look_up(hosts_of(configuration.proxies));
    for (link::ProxyRequest& request : configuration.proxies) {
        const Place place = request.listen_place;
        const std::string name = request.name;
        if (const auto made = set.create(std::move(request), book); !made) {
            const link::ApiError& error = made.error();
            configuration.findings.add(place, fmt::format("proxy \"{}\": {}", name, error.message));
            const int usage = complain(configuration.findings.diagnostics());
            return error.status == 400 ? usage : machine_error;
        }
    }
    return 0;
}

void greet(const ProxyServer& server, const link::ProxySet& set, std::uint64_t seed) {
    fmt::print("faultline proxy: Toxiproxy API on http://{}, seed {}\n", server.address(), seed);
    for (const auto& [name, proxy] : set.all()) {
        fmt::print("  {}: {} -> {}{}\n",
                   name,
                   set.listen_address(proxy),
                   proxy.upstream,
                   set.enabled(proxy) ? "" : " (disabled)");
    }
    std::fflush(stdout);
    if (!server.on_loopback()) {
        fmt::print(
            stderr,
            "faultline proxy: warning: {} is not loopback; whoever reaches it can open ports "
            "here and connect to whatever this machine reaches\n",
            server.address());
    }
}

}  // namespace

int proxy(const ProxyCommand& command) {
    const std::uint64_t seed = command.seed ? *command.seed : fresh_seed();
    std::optional<link::Configuration> configuration;
    if (!command.config.empty()) {
        auto read = link::read_configuration(command.config);
        if (!read) return complain("--config " + read.error().message, usage_error);
        if (!read->findings.empty()) return complain(read->findings.diagnostics());
        configuration = std::move(*read);
    }
    const auto engine = link::Engine::start({.seed = seed});
    if (!engine) return complain(engine.error().message, machine_error);
    link::ProxySet set(**engine);
    const auto server = ProxyServer::listen({.host = command.host,
                                             .port = static_cast<std::uint16_t>(command.port),
                                             .api = {.proxy_metrics = command.proxy_metrics,
                                                     .runtime_metrics = command.runtime_metrics}});
    if (!server) {
        const bool usage = server.error().code == ErrorCode::invalid;
        return complain(server.error().message, usage ? usage_error : machine_error);
    }
    if (configuration) {
        if (const int code = open_proxies(std::move(*configuration), set); code != 0) return code;
    }
    greet(**server, set, seed);
    static_cast<void>((*server)->serve(set));
    return 0;
}

}  // namespace faultline::cli
