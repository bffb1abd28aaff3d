// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/inject/link/engine.hpp"
#include "harness/inject/link/toxiproxy/address_book.hpp"
#include "harness/inject/link/toxiproxy/api_error.hpp"
#include "harness/inject/link/toxiproxy/body.hpp"

namespace faultline::link {

/// One proxy: a link of the engine, and the effects on it under the names of its toxics.
struct Proxy {
    std::string name;
    LinkId link{};
    std::string listen;    // as asked for; what is bound is the engine's to say
    std::string upstream;  // as asked for
    std::vector<Toxic> toxics{};

    [[nodiscard]] const Toxic* find(std::string_view toxic) const;
};

/// The proxies of one server. Every function leaves all as it was when it answers an error, unless
/// it says otherwise. None waits for a client, an upstream or a name lookup.
/// Thread: one, the server's.
class ProxySet {
  public:
    /// Requires: the engine outlives it.
    explicit ProxySet(Engine& engine) : engine_(engine) {}

    [[nodiscard]] const std::map<std::string, Proxy, std::less<>>& all() const { return proxies_; }
    /// Errors: 404.
    [[nodiscard]] Answer<const Proxy*> find(std::string_view name) const;
    /// Where it listens: the address really bound, else the one asked for.
    [[nodiscard]] std::string listen_address(const Proxy& proxy) const;
    [[nodiscard]] bool enabled(const Proxy& proxy) const { return engine_.enabled(proxy.link); }
    [[nodiscard]] LinkCounts counts(const Proxy& proxy) const { return engine_.counts(proxy.link); }

    /// With its toxics on it before anyone can connect. Errors: 409 for a name that is there, 400
    /// and 500 for addresses.
    [[nodiscard]] Answer<const Proxy*> create(ProxyRequest request, const AddressBook& book);
    /// Errors: 404, 400, 500.
    [[nodiscard]] Answer<const Proxy*> update(std::string_view name,
                                              const ProxyChange& change,
                                              const AddressBook& book);
    [[nodiscard]] Answer<> remove(std::string_view name);

    /// What became of `populate`.
    struct Populated {
        std::vector<const Proxy*> proxies{};  // up to the first that could not be made
        std::optional<ApiError> error{};
    };
    /// Makes every proxy be there as it is described, one after the other. One that has these
    /// addresses already stays as it is, but for toxics: where some are described, they become the
    /// ones it has. One with other addresses is replaced, and its toxics with it.
    [[nodiscard]] Populated populate(std::vector<ProxyRequest> requests, const AddressBook& book);
    /// Removes every toxic, then enables every proxy, as many as can be. Errors: 500 with those
    /// that cannot.
    [[nodiscard]] Answer<> reset();

    /// Errors: 404; 409 for a name that is there.
    [[nodiscard]] Answer<const Toxic*> add_toxic(std::string_view proxy, Toxic toxic);
    /// Puts `toxic` in the place of the one with its name. Errors: 404.
    [[nodiscard]] Answer<const Toxic*> replace_toxic(std::string_view proxy, Toxic toxic);
    [[nodiscard]] Answer<> remove_toxic(std::string_view proxy, std::string_view toxic);

    /// Host names of upstreams, which may mean something else by now.
    [[nodiscard]] std::vector<std::string> upstream_hosts() const;
    /// Points the links of upstreams that have moved to where they are now.
    void follow(const AddressBook& book);

  private:
    [[nodiscard]] Answer<Proxy*> find_mutable(std::string_view name);
    [[nodiscard]] Answer<LinkId> open(const ProxyRequest& request, const AddressBook& book);
    [[nodiscard]] Answer<> move(Proxy& proxy,
                                const std::string& listen,
                                const std::string& upstream,
                                const AddressBook& book);
    [[nodiscard]] Answer<const Proxy*> replace(Proxy& proxy,
                                               ProxyRequest request,
                                               const AddressBook& book);
    void set_toxics(Proxy& proxy, std::vector<Toxic> toxics);
    [[nodiscard]] bool listens_at(const Proxy& proxy, const std::string& address) const;

    Engine& engine_;
    std::map<std::string, Proxy, std::less<>> proxies_;
};

}  // namespace faultline::link
