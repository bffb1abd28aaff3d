// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/check.hpp"
#include "harness/inject/link/toxiproxy/body.hpp"
#include "harness/inject/link/toxiproxy/reply.hpp"
#include "harness/inject/link/toxiproxy/routes.hpp"

namespace {

using namespace faultline::link;

const Toxic& a_toxic() {
    static const Toxic toxic =
        *read_toxic(R"({"type": "slicer", "attributes": {"average_size": 9, "delay": 1}})");
    return toxic;
}

/// What is shown of a toxic means the same when a client sends it back.
void check_round_trip(const Toxic& toxic) {
    FL_CHECK(toxic.effect != nullptr);
    const std::string shown = json_of(toxic);
    const auto again = read_toxic(shown);
    FL_CHECK(again.has_value());
    FL_CHECK(json_of(*again) == shown);
}

template <class T>
void check_error(const Answer<T>& answer) {
    if (answer) return;
    FL_CHECK_OP(==, answer.error().status, 400);
    FL_CHECK(!answer.error().message.empty());
    FL_CHECK(!json_of(answer.error()).empty());
}

}  // namespace

/// What clients of the proxy's API send: any bytes are read without a crash, refused with a reason,
/// or mean the same when sent again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const auto proxy = read_proxy(body);
    check_error(proxy);
    if (proxy) {
        for (const Toxic& toxic : proxy->toxics)
            check_round_trip(toxic);
    }
    const auto proxies = read_proxies(body);
    check_error(proxies);
    check_error(read_proxy_change(body));
    const auto toxic = read_toxic(body);
    check_error(toxic);
    if (toxic) check_round_trip(*toxic);
    const auto change = read_toxic_change(body, a_toxic());
    check_error(change);
    if (change) check_round_trip(*change);
    static_cast<void>(path_segments(body));
    static_cast<void>(hosts_of(
        {.method = "POST", .target = std::string(body.substr(0, 40)), .body = std::string(body)}));
    return 0;
}
