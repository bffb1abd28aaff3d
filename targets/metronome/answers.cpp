// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/answers.hpp"

#include <cstring>

#include <fmt/format.h>

#include "harness/base/resp_reply.hpp"
#include "harness/include/faultline/failpoint.hpp"

namespace metronome {

namespace reply = faultline::resp_reply;

namespace {

std::string answer_role(const State& state, std::uint16_t peer_port) {
    const auto writes = static_cast<std::int64_t>(state.writes);
    if (!state.leads) {
        return reply::array(5) + reply::bulk("slave") + reply::bulk("127.0.0.1") +
               reply::integer(peer_port) + reply::bulk(state.follows ? "connected" : "connect") +
               reply::integer(writes);
    }
    return reply::array(3) + reply::bulk(role_of(state)) + reply::integer(writes) + reply::array(0);
}

std::string answer_info(const State& state) {
    return reply::bulk(
        fmt::format("# Server\r\nredis_version:7.0.0\r\nserver_name:metronome\r\n"
                    "# Replication\r\nrole:{}\r\nmaster_repl_offset:{}\r\n"
                    "# Metronome\r\nready:{:d}\r\nfailing:{:d}\r\nwrites:{}\r\nacknowledged:{}\r\n",
                    role_of(state),
                    state.writes,
                    state.ready,
                    state.failing.has_value(),
                    state.writes,
                    state.acknowledged));
}

std::string answer_small_talk(const Words& words) {
    const std::string_view name = words[0];
    if (name == "PING") return words.size() > 1 ? reply::bulk(words[1]) : reply::simple("PONG");
    if (name == "ECHO" && words.size() == 2) return reply::bulk(words[1]);
    if (name == "CLIENT") return reply::simple("OK");
    if (name == "COMMAND" || name == "CONFIG") return reply::array(0);
    if (name == "HELLO") return reply::error("NOPROTO unsupported protocol version");
    return reply::error(fmt::format("ERR unknown command '{}'", name));
}

Answer carry_out_write(const Words& words, State& state, Store& store) {
    if (const int error = FL_FAILPOINT("store.write"); error != 0) {
        return {.reply = reply::error(fmt::format("ERR storing: {}", std::strerror(error))),
                .write_error = error};
    }
    ++state.writes;
    return {.reply = store.execute(words), .wrote = true, .write_error = 0};
}

bool serves(const State& state) {
    return state.ready && state.leads && !state.failing;
}

std::string status_page(const State& state, const Chronicle& chronicle) {
    return fmt::format(
        R"({{"role":"{}","ready":{},"failing":{},"detected":{},"writes":{},"acknowledged":{},)"
        R"("instants":[{}]}})"
        "\n",
        role_of(state),
        state.ready,
        state.failing.has_value(),
        state.failing && state.detected,
        state.writes,
        state.acknowledged,
        fmt::join(chronicle.entries(), ","));
}

}  // namespace

Answer answer_request(const Words& words, State& state, Store& store, std::uint16_t peer_port) {
    const std::string_view name = words[0];
    if (name == "ROLE") return {answer_role(state, peer_port)};
    if (name == "INFO") return {answer_info(state)};
    if (state.failing) return {reply::error("ERR metronome is failing, as it was told to")};
    if (!state.ready) return {reply::error("LOADING metronome is not ready yet")};
    const Access access = access_of(name);
    if (access != Access::none) {
        if (const int error = FL_FAILPOINT("answer"); error != 0) {
            return {reply::error(fmt::format("ERR answering: {}", std::strerror(error)))};
        }
    }
    switch (access) {
        case Access::none:
            return {answer_small_talk(words)};
        case Access::read:
            return {store.execute(words)};
        case Access::write:
            if (!state.leads) {
                return {reply::error("READONLY You can't write against a read only replica.")};
            }
            return carry_out_write(words, state, store);
    }
    return {reply::error("ERR")};
}

bool is_view(std::string_view path) {
    return path == "/role" || path == "/status";
}

std::string answer_http(const HttpRequest& request,
                        const State& state,
                        const Chronicle& chronicle) {
    constexpr std::string_view json = "application/json";
    if (request.path == "/role") {
        return http_response(200, json, fmt::format("{{\"role\":\"{}\"}}\n", role_of(state)));
    }
    if (request.path == "/status") return http_response(200, json, status_page(state, chronicle));
    if (request.path == "/" || request.path == "/health") {
        const bool well = request.path == "/" ? serves(state) : state.ready && !state.failing;
        return well ? http_response(200, "text/plain", "ok\n")
                    : http_response(503, "text/plain", "not serving\n");
    }
    return http_response(404, "text/plain", "known: /, /health, /role, /status\n");
}

}  // namespace metronome
