// SPDX-License-Identifier: Apache-2.0
#include "harness/run/trial_links.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <set>
#include <sys/socket.h>

#include <fmt/format.h>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

/// The address at the other end of an accepted connection; empty: it is gone.
std::string peer_address(int descriptor) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return "";
    std::array<char, INET_ADDRSTRLEN> text{};
    return ::inet_ntop(AF_INET, &peer.sin_addr, text.data(), text.size()) == nullptr ? ""
                                                                                     : text.data();
}

/// Where the proxies of a link listen: at the host they lead to.
std::string entrance_of(const PlannedLink& link, const std::string& upstream) {
    return fmt::format("{}:{}", upstream.substr(0, upstream.rfind(':')), link.listen);
}

}  // namespace

TrialLinks::~TrialLinks() = default;

Result<std::unique_ptr<TrialLinks>> TrialLinks::open(Options options) {
    std::unique_ptr<TrialLinks> made(new TrialLinks(options));
    FL_TRY_VOID(made->open_all(options));
    return made;
}

Result<> TrialLinks::open_all(const Options& options) {
    const auto& planned = options.plan.links();
    std::set<std::string> places;
    for (const PlannedLink& link : planned) {
        if (link.proxied) {
            places.insert(link.to);
        } else {
            add(link, nullptr, {});
        }
    }
    for (const std::string& place : places) {
        std::optional<InNetworkNamespace> there;
        if (network_ != nullptr) {
            FL_TRY(auto entered, network_->fabric().enter(place));
            there.emplace(std::move(entered));
        }
        FL_TRY_VOID(open_at(place, options));
    }
    // Faults hit links in the order of the plan.
    const auto position = [&](const LinkVictim& victim) {
        return std::find_if(planned.begin(), planned.end(), [&](const PlannedLink& link) {
            return link.name == victim.name;
        });
    };
    std::sort(victims_.begin(), victims_.end(), [&](const LinkVictim& a, const LinkVictim& b) {
        return position(a) < position(b);
    });
    return {};
}

Result<> TrialLinks::open_at(const std::string& instance, const Options& options) {
    FL_TRY(link::Engine * engine, engine_at(instance, options.seed));
    std::map<std::uint16_t, std::vector<const PlannedLink*>> shared;
    for (const PlannedLink& link : options.plan.links()) {
        if (!link.proxied || link.to != instance) continue;
        if (link.shared) {
            shared[link.listen].push_back(&link);
        } else {
            FL_TRY_VOID(open_own(*engine, link, options.upstream(link.to, link.port)));
        }
    }
    for (const auto& [port, group] : shared)
        FL_TRY_VOID(open_shared(*engine, group, options.upstream(instance, group.front()->port)));
    return {};
}

Result<link::Engine*> TrialLinks::engine_at(const std::string& instance, std::uint64_t seed) {
    // An engine's thread stays in the network it is started in.
    auto& engine = engines_[network_ == nullptr ? "" : instance];
    if (!engine) {
        FL_TRY(engine, link::Engine::start({.seed = seed, .realtime = true}));
    }
    return engine.get();
}

Result<> TrialLinks::open_own(link::Engine& engine,
                              const PlannedLink& link,
                              const std::string& upstream) {
    const link::LinkOptions options{
        .name = link.name, .listen = entrance_of(link, upstream), .upstream = upstream};
    FL_TRY(const link::LinkId id, engine.open(options));
    add(link, &engine, id);
    return {};
}

Result<> TrialLinks::open_shared(link::Engine& engine,
                                 const std::vector<const PlannedLink*>& group,
                                 const std::string& upstream) {
    link::SharedLinkOptions options{.listen = entrance_of(*group.front(), upstream),
                                    .upstream = upstream};
    std::vector<std::string> ends;
    for (const PlannedLink* link : group) {
        options.names.push_back(link->name);
        ends.push_back(link->from);
    }
    options.choose = [this, ends](int descriptor) {
        const auto who = who_connected(descriptor);
        const auto end = who ? std::find(ends.begin(), ends.end(), *who) : ends.end();
        return end == ends.end() ? -1 : static_cast<int>(end - ends.begin());
    };
    FL_TRY(const auto ids, engine.open_shared(std::move(options)));
    FL_CHECK_OP(==, ids.size(), group.size());
    for (std::size_t i = 0; i < group.size(); ++i)
        add(*group[i], &engine, ids[i]);
    return {};
}

std::optional<std::string> TrialLinks::who_connected(int descriptor) {
    // Between namespaces everyone has an address of their own.
    if (network_ != nullptr) return network_->fabric().end_at(peer_address(descriptor));
    return owner_.find(descriptor, processes_());
}

void TrialLinks::add(const PlannedLink& link, link::Engine* engine, link::LinkId id) {
    KernelNetwork* const packets = network_ == nullptr ? nullptr : &network_->packets();
    victims_.push_back({.name = link.name,
                        .from = link.from,
                        .to = link.to,
                        .port = link.port,
                        .engine = engine,
                        .id = id,
                        .network = packets});
}

const LinkVictim* TrialLinks::find(const std::string& name) const {
    const auto found = std::find_if(victims_.begin(), victims_.end(), [&](const LinkVictim& link) {
        return link.name == name;
    });
    return found == victims_.end() ? nullptr : &*found;
}

}  // namespace faultline
