// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/inject/link/toxiproxy/api_error.hpp"
#include "harness/inject/link/toxiproxy/findings.hpp"
#include "harness/inject/link/toxiproxy/toxic.hpp"

namespace faultline::link {

// From JSON to what the API is asked to do. Everything that is read has been checked: unknown and
// misplaced keys, types, ranges, the effects of toxics.

inline constexpr std::size_t proxies_max = 10'000;

/// A proxy that shall be there.
struct ProxyRequest {
    std::string name;
    std::string listen;
    std::string upstream;
    bool enabled = true;
    std::vector<Toxic> toxics{};
    Place place{};         // in the text it was read from
    Place listen_place{};  // where "listen" is, or the proxy
};

/// What shall change of a proxy. Its name is kept whatever the body says, and so are its toxics:
/// there are clients that send back what they were shown once.
struct ProxyChange {
    std::optional<std::string> listen{};
    std::optional<std::string> upstream{};
    std::optional<bool> enabled{};
};

/// Errors (of all): what is wrong in the client's words, see `Findings`.
[[nodiscard]] Answer<ProxyRequest> read_proxy(std::string_view body);
[[nodiscard]] Answer<ProxyChange> read_proxy_change(std::string_view body);
[[nodiscard]] Answer<std::vector<ProxyRequest>> read_proxies(std::string_view body);
[[nodiscard]] Answer<Toxic> read_toxic(std::string_view body);
/// The toxic as it shall be: `before` with other attributes or another toxicity. The effect is a
/// new one only when an attribute changes.
[[nodiscard]] Answer<Toxic> read_toxic_change(std::string_view body, const Toxic& before);

/// The same array of proxies from a file, whose mistakes are found all at once.
[[nodiscard]] std::vector<ProxyRequest> read_proxies(Findings& findings);

}  // namespace faultline::link
