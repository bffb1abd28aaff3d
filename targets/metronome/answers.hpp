// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "targets/metronome/chronicle.hpp"
#include "targets/metronome/http.hpp"
#include "targets/metronome/state.hpp"
#include "targets/metronome/store.hpp"

namespace metronome {

/// The reply to a request in RESP, given the state; carries out data requests.
/// Fail points: "answer" before each data request, "store.write" before each write.
/// Shape: words[0] in upper case.
struct Answer {
    std::string reply;
    bool wrote = false;                // the data may have changed, and the peer must hear of it
    std::optional<int> write_error{};  // how a write went: 0, or an errno; absent: it was none
};
[[nodiscard]] Answer answer_request(const Words& words,
                                    State& state,
                                    Store& store,
                                    std::uint16_t peer_port);

/// Whether a path is a view for watchers (/role, /status), which answers during every failure.
[[nodiscard]] bool is_view(std::string_view path);
/// The response to GET / (200, or 503 when data requests are not served), /health, /role, /status.
[[nodiscard]] std::string answer_http(const HttpRequest& request,
                                      const State& state,
                                      const Chronicle& chronicle);

}  // namespace metronome
