// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/inject/link/toxiproxy/api_error.hpp"

namespace faultline::link {

/// What host names mean right now. Names are looked up by the one who serves requests, before a
/// request is carried out, so that no request ever waits for another's lookup.
struct AddressBook {
    struct Entry {
        std::vector<std::string> numbers{};  // "10.0.0.7", "fe80::1"; empty: not found
        std::string error{};                 // why not: "Host not found"
    };
    std::map<std::string, Entry, std::less<>> hosts{};
};

/// The name in an address that only a lookup turns into numbers: "db" of "db:5432". Empty for
/// numbers, "localhost", no host at all, Unix sockets, and what is no address.
[[nodiscard]] std::string host_to_look_up(std::string_view address);

/// The address for the engine to listen at, in numbers. Errors: 500 for an unknown name.
[[nodiscard]] Answer<std::string> address_to_listen_at(const std::string& listen,
                                                       const AddressBook& book);

/// The address for the engine to connect to, in numbers. A name that means nothing yet leads
/// nowhere for now. Errors: 400 for what is no address whatever its name means.
[[nodiscard]] Answer<std::string> address_to_connect_to(const std::string& upstream,
                                                        const AddressBook& book);

/// The same address at another host: "db:5432" and "10.0.0.7" make "10.0.0.7:5432".
[[nodiscard]] std::string with_host(const std::string& address, const std::string& number);

/// Whether two spellings of an address mean the same as far as the text tells:
/// "localhost:80" and "127.0.0.1:80".
[[nodiscard]] bool same_address(std::string_view one, std::string_view other);

}  // namespace faultline::link
