// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/proxy_set.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "harness/scenario/names.hpp"

namespace faultline::link {
namespace {

bool same(const std::vector<Toxic>& ones, const std::vector<Toxic>& others) {
    return std::equal(ones.begin(),
                      ones.end(),
                      others.begin(),
                      others.end(),
                      [](const Toxic& one, const Toxic& other) {
                          return one.name == other.name && one.type == other.type &&
                                 one.stream == other.stream && one.toxicity == other.toxicity &&
                                 write_document(Node{one.attributes}) ==
                                     write_document(Node{other.attributes});
                      });
}

}  // namespace

const Toxic* Proxy::find(std::string_view toxic) const {
    const auto found = std::find_if(
        toxics.begin(), toxics.end(), [&](const Toxic& one) { return one.name == toxic; });
    return found == toxics.end() ? nullptr : &*found;
}

// ---- looking

Answer<const Proxy*> ProxySet::find(std::string_view name) const {
    const auto found = proxies_.find(name);
    if (found != proxies_.end()) return &found->second;
    std::vector<std::string> names;
    for (const auto& [known, proxy] : proxies_)
        names.push_back(known);
    return refuse(404,
                  "proxy not found",
                  fmt::format("\"{}\"{}",
                              name.substr(0, 60),
                              names.empty() ? "; there are no proxies" : suggest(name, names)));
}

Answer<Proxy*> ProxySet::find_mutable(std::string_view name) {
    if (const auto found = find(name); !found) return tl::unexpected(found.error());
    return &proxies_.find(name)->second;
}

std::string ProxySet::listen_address(const Proxy& proxy) const {
    std::string bound = engine_.listen_address(proxy.link);
    return bound.empty() ? proxy.listen : bound;
}

bool ProxySet::listens_at(const Proxy& proxy, const std::string& address) const {
    return same_address(address, proxy.listen) || same_address(address, listen_address(proxy));
}

// ---- proxies

Answer<LinkId> ProxySet::open(const ProxyRequest& request, const AddressBook& book) {
    FL_TRY(const std::string listen, address_to_listen_at(request.listen, book));
    FL_TRY(std::string upstream, address_to_connect_to(request.upstream, book));
    // Nobody shall get through before the toxics are there.
    const bool later = request.enabled && !request.toxics.empty();
    const auto link = engine_.open({.name = request.name,
                                    .listen = listen,
                                    .upstream = std::move(upstream),
                                    .enabled = request.enabled && !later});
    if (!link) return refuse(link.error());
    Proxy proxy{.name = request.name, .link = *link};
    set_toxics(proxy, request.toxics);
    if (!later) return *link;
    const auto enabled = engine_.set_enabled(*link, true);
    if (enabled) return *link;
    engine_.remove(*link);
    return refuse(enabled.error());
}

Answer<const Proxy*> ProxySet::create(ProxyRequest request, const AddressBook& book) {
    if (proxies_.contains(request.name)) return refuse(409, "proxy already exists");
    if (proxies_.size() >= proxies_max)
        return refuse(400, fmt::format("there are {} proxies already; delete some", proxies_max));
    FL_TRY(const LinkId link, open(request, book));
    Proxy proxy{.name = request.name,
                .link = link,
                .listen = std::move(request.listen),
                .upstream = std::move(request.upstream),
                .toxics = std::move(request.toxics)};
    return &proxies_.emplace(std::move(request.name), std::move(proxy)).first->second;
}

Answer<> ProxySet::move(Proxy& proxy,
                        const std::string& listen,
                        const std::string& upstream,
                        const AddressBook& book) {
    // An address that stays the same keeps the port the kernel has chosen for it.
    const bool stays = listens_at(proxy, listen);
    FL_TRY(const std::string listen_at, address_to_listen_at(listen, book));
    FL_TRY(const std::string connect_to, address_to_connect_to(upstream, book));
    const auto moved =
        engine_.set_addresses(proxy.link, stays ? listen_address(proxy) : listen_at, connect_to);
    if (!moved) return refuse(moved.error());
    if (!stays) proxy.listen = listen;
    proxy.upstream = upstream;
    return {};
}

Answer<const Proxy*> ProxySet::update(std::string_view name,
                                      const ProxyChange& change,
                                      const AddressBook& book) {
    FL_TRY(Proxy* const proxy, find_mutable(name));
    const std::string old_listen = listen_address(*proxy);
    const std::string asked_listen = proxy->listen;
    const std::string old_upstream = proxy->upstream;
    const std::string listen = change.listen.value_or(asked_listen);
    const std::string upstream = change.upstream.value_or(old_upstream);
    const bool moves = !listens_at(*proxy, listen) || !same_address(upstream, old_upstream);
    if (moves) FL_TRY_VOID(move(*proxy, listen, upstream, book));
    if (!change.enabled || *change.enabled == enabled(*proxy)) return proxy;
    const auto switched = engine_.set_enabled(proxy->link, *change.enabled);
    if (switched) return proxy;
    if (moves) {
        // It was disabled, so moving it back binds nothing and cannot fail.
        if (const auto back = move(*proxy, old_listen, old_upstream, book); !back)
            return tl::unexpected(back.error());
        proxy->listen = asked_listen;
    }
    return refuse(switched.error());
}

Answer<> ProxySet::remove(std::string_view name) {
    FL_TRY(const Proxy* const proxy, find(name));
    engine_.remove(proxy->link);
    proxies_.erase(proxies_.find(name));
    return {};
}

Answer<const Proxy*> ProxySet::replace(Proxy& proxy,
                                       ProxyRequest request,
                                       const AddressBook& book) {
    FL_TRY_VOID(move(proxy, request.listen, request.upstream, book));
    set_toxics(proxy, std::move(request.toxics));
    if (request.enabled == enabled(proxy)) return &proxy;
    if (const auto switched = engine_.set_enabled(proxy.link, request.enabled); !switched)
        return refuse(switched.error());
    return &proxy;
}

ProxySet::Populated ProxySet::populate(std::vector<ProxyRequest> requests,
                                       const AddressBook& book) {
    Populated populated;
    for (ProxyRequest& request : requests) {
        const auto existing = proxies_.find(request.name);
        Answer<const Proxy*> made = nullptr;
        if (existing == proxies_.end()) {
            made = create(std::move(request), book);
        } else if (Proxy& proxy = existing->second;
                   listens_at(proxy, request.listen) &&
                   same_address(request.upstream, proxy.upstream)) {
            // What is there already keeps its connections' draws and state.
            if (!request.toxics.empty() && !same(request.toxics, proxy.toxics))
                set_toxics(proxy, std::move(request.toxics));
            made = &proxy;
        } else {
            made = replace(proxy, std::move(request), book);
        }
        if (!made) {
            populated.error = std::move(made).error();
            break;
        }
        populated.proxies.push_back(*made);
    }
    return populated;
}

// ---- names

std::vector<std::string> ProxySet::upstream_hosts() const {
    std::vector<std::string> hosts;
    for (const auto& [name, proxy] : proxies_) {
        std::string host = host_to_look_up(proxy.upstream);
        if (!host.empty() && std::find(hosts.begin(), hosts.end(), host) == hosts.end())
            hosts.push_back(std::move(host));
    }
    return hosts;
}

void ProxySet::follow(const AddressBook& book) {
    for (auto& [name, proxy] : proxies_) {
        const std::string host = host_to_look_up(proxy.upstream);
        const auto entry = host.empty() ? book.hosts.end() : book.hosts.find(host);
        if (entry == book.hosts.end() || entry->second.numbers.empty()) continue;
        // Many names mean several addresses, in any order: the one in use stays while it is good.
        const std::string now = engine_.upstream_address(proxy.link);
        const auto& numbers = entry->second.numbers;
        const bool stays = std::any_of(numbers.begin(), numbers.end(), [&](const auto& number) {
            return with_host(proxy.upstream, number) == now;
        });
        if (stays) continue;
        // It fails when the port is no number, say; then it stays what it was.
        const auto moved = engine_.set_addresses(
            proxy.link, listen_address(proxy), with_host(proxy.upstream, numbers.front()));
        static_cast<void>(moved.has_value());
    }
}

}  // namespace faultline::link
