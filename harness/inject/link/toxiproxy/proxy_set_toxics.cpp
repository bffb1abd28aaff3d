// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "harness/inject/link/toxiproxy/proxy_set.hpp"

namespace faultline::link {
namespace {

Change put(const Proxy& proxy, const Toxic& toxic) {
    return {.link = proxy.link,
            .id = toxic.name,
            .effect = toxic.effect,
            .tally = toxic.tally,
            .probability = toxic.toxicity};
}
Change take(const Proxy& proxy, const Toxic& toxic) {
    return {.link = proxy.link, .id = toxic.name};
}

}  // namespace

void ProxySet::set_toxics(Proxy& proxy, std::vector<Toxic> toxics) {
    std::vector<Change> changes;
    for (const Toxic& toxic : proxy.toxics)
        changes.push_back(take(proxy, toxic));
    for (const Toxic& toxic : toxics)
        changes.push_back(put(proxy, toxic));
    engine_.apply(std::move(changes));
    proxy.toxics = std::move(toxics);
}

Answer<const Toxic*> ProxySet::add_toxic(std::string_view name, Toxic toxic) {
    FL_TRY(Proxy* const proxy, find_mutable(name));
    if (proxy->find(toxic.name) != nullptr) return refuse(409, "toxic already exists");
    if (proxy->toxics.size() >= toxics_max)
        return refuse(400, fmt::format("the proxy has {} toxics already; delete some", toxics_max));
    engine_.apply({put(*proxy, toxic)});
    proxy->toxics.push_back(std::move(toxic));
    return &proxy->toxics.back();
}

Answer<const Toxic*> ProxySet::replace_toxic(std::string_view name, Toxic toxic) {
    FL_TRY(Proxy* const proxy, find_mutable(name));
    const auto place = std::find_if(proxy->toxics.begin(),
                                    proxy->toxics.end(),
                                    [&](const Toxic& one) { return one.name == toxic.name; });
    if (place == proxy->toxics.end()) return refuse(404, "toxic not found");
    engine_.apply({put(*proxy, toxic)});
    *place = std::move(toxic);
    return &*place;
}

Answer<> ProxySet::remove_toxic(std::string_view name, std::string_view toxic) {
    FL_TRY(Proxy* const proxy, find_mutable(name));
    const auto place = std::find_if(proxy->toxics.begin(),
                                    proxy->toxics.end(),
                                    [&](const Toxic& one) { return one.name == toxic; });
    if (place == proxy->toxics.end()) return refuse(404, "toxic not found");
    engine_.apply({take(*proxy, *place)});
    proxy->toxics.erase(place);
    return {};
}

Answer<> ProxySet::reset() {
    std::vector<Change> changes;
    for (auto& [name, proxy] : proxies_) {
        for (const Toxic& toxic : proxy.toxics)
            changes.push_back(take(proxy, toxic));
        proxy.toxics.clear();
    }
    engine_.apply(std::move(changes));
    std::string failures;
    for (const auto& [name, proxy] : proxies_) {
        if (enabled(proxy)) continue;
        if (const auto done = engine_.set_enabled(proxy.link, true); !done)
            failures += (failures.empty() ? "" : "; ") + done.error().message;
    }
    if (!failures.empty())
        return refuse(500, failures, "every toxic was removed, every other proxy is enabled");
    return {};
}

}  // namespace faultline::link
