// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "targets/metronome/chronicle.hpp"
#include "targets/metronome/http.hpp"
#include "targets/metronome/state.hpp"
#include "targets/metronome/store.hpp"

namespace metronome {

/// The reply to a request in RESP, given the state; carries out data requests.
/// Shape: words[0] in upper case.
struct Answer {
    std::string reply;
    bool wrote = false;  // the data may have changed, and the peer must hear of it
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
