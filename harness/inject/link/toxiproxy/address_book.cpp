// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/address_book.hpp"

#include <algorithm>
#include <arpa/inet.h>

#include <fmt/format.h>

#include "harness/inject/link/address.hpp"

namespace faultline::link {
namespace {

constexpr std::string_view unix_prefix = "unix:";

/// Where the link of an upstream leads whose name means nothing yet: nobody can listen there, so
/// that connections fail as they do when an upstream is down.
constexpr const char* nowhere = "unix:/dev/null/unknown-host";

bool is_number(const std::string& host) {
    in_addr address{};
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

/// With the spellings of the loopback made one.
std::string plain(std::string_view address) {
    const std::size_t colon = address.rfind(':');
    if (address.starts_with(unix_prefix) || colon == std::string_view::npos)
        return std::string(address);
    const std::string_view host = address.substr(0, colon);
    const bool loopback = host.empty() || host == "localhost";
    return std::string(loopback ? "127.0.0.1" : host) + std::string(address.substr(colon));
}

const AddressBook::Entry* find(const AddressBook& book, const std::string& host) {
    const auto entry = book.hosts.find(host);
    return entry == book.hosts.end() ? nullptr : &entry->second;
}

}  // namespace

std::string host_to_look_up(std::string_view address) {
    if (address.starts_with(unix_prefix)) return {};
    const std::size_t colon = address.rfind(':');
    if (colon == std::string_view::npos) return {};
    const std::string host(address.substr(0, colon));
    const bool given = host.empty() || host == "localhost" || host.find(':') != std::string::npos ||
                       host.front() == '[' || is_number(host);
    return given ? std::string() : host;
}

std::string with_host(const std::string& address, const std::string& number) {
    const std::string port = address.substr(std::min(address.rfind(':'), address.size()));
    return number.find(':') == std::string::npos ? number + port : "[" + number + "]" + port;
}

bool same_address(std::string_view one, std::string_view other) {
    return plain(one) == plain(other);
}

Answer<std::string> address_to_listen_at(const std::string& listen, const AddressBook& book) {
    const std::string host = host_to_look_up(listen);
    if (host.empty()) return listen;
    const AddressBook::Entry* entry = find(book, host);
    if (entry != nullptr && !entry->numbers.empty())
        return with_host(listen, entry->numbers.front());
    return refuse(
        500,
        fmt::format(
            "listen tcp: lookup {}: {}", host, entry == nullptr ? "not looked up" : entry->error));
}

Answer<std::string> address_to_connect_to(const std::string& upstream, const AddressBook& book) {
    const std::string host = host_to_look_up(upstream);
    if (host.empty()) return upstream;
    const AddressBook::Entry* entry = find(book, host);
    if (entry != nullptr && !entry->numbers.empty())
        return with_host(upstream, entry->numbers.front());
    const auto form = resolve_address(with_host(upstream, "127.0.0.1"), AddressUse::connect);
    if (!form) return refuse(form.error());
    return std::string(nowhere);
}

}  // namespace faultline::link
