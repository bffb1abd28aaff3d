// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "harness/inject/link/protocol/link_error.hpp"
#include "harness/inject/link/protocol/reader.hpp"

// What holds for the recognisers of link.error whatever bytes they see.
namespace faultline::link::fuzz {

/// A broken property: the fuzzer keeps the input.
inline void require(bool holds) {
    if (!holds) std::abort();
}

/// Where messages ended, and what the requests were.
struct Seen {
    std::vector<std::size_t> ends{};
    std::vector<std::string> words{};
    bool foreign = false;
    bool operator==(const Seen&) const = default;
};

/// Reads requests that arrive in pieces of `piece` bytes.
inline Seen requests_in(std::string_view input, std::size_t piece, RequestProtocol protocol) {
    const Readers readers = make_readers(protocol);
    RequestReader& reader = *readers.requests;
    Seen seen;
    std::size_t at = 0;       // what was understood
    std::size_t arrived = 0;  // what has come
    while (arrived < input.size() && !seen.foreign) {
        arrived = std::min(arrived + piece, input.size());
        while (at < arrived && !seen.foreign) {
            const std::string_view rest = input.substr(at, arrived - at);
            if (reader.in_body()) {
                const RequestReader::Body body = reader.body(rest);
                require(body.bytes <= rest.size());
                require(body.bytes > 0 || body.foreign);
                require(body.bytes == rest.size() || body.foreign || !reader.in_body());
                at += body.bytes;
                seen.foreign = body.foreign;
                if (!body.foreign && !reader.in_body()) seen.ends.push_back(at);
                continue;
            }
            const RequestReader::Head head = reader.head(rest);
            if (head.state == RequestReader::State::incomplete) {
                require(rest.size() < head_bytes_max);
                break;
            }
            seen.foreign = head.state == RequestReader::State::foreign;
            if (seen.foreign) break;
            require(head.bytes > 0 && head.bytes <= rest.size());
            const Request& request = reader.request();
            seen.words.emplace_back(request.method);
            seen.words.emplace_back(request.target);
            seen.words.emplace_back(request.command);
            seen.words.emplace_back(request.key);
            at += head.bytes;
            if (!reader.in_body()) seen.ends.push_back(at);
        }
    }
    return seen;
}

inline Seen answers_in(std::string_view input, std::size_t piece, RequestProtocol protocol) {
    const Readers readers = make_readers(protocol);
    Seen seen;
    std::size_t at = 0;
    while (at < input.size() && !seen.foreign) {
        const std::string_view rest = input.substr(at, piece);
        const AnswerReader::Step step = readers.answers->next(rest, seen.ends.size() % 3 == 2);
        require(step.bytes <= rest.size());
        at += step.bytes;
        switch (step.state) {
            case AnswerReader::State::within:
                require(step.bytes == rest.size());
                break;
            case AnswerReader::State::complete:
                require(step.bytes > 0);
                seen.ends.push_back(at);
                break;
            case AnswerReader::State::switched:
            case AnswerReader::State::foreign:
                seen.foreign = true;
                break;
        }
    }
    return seen;
}

class Sink final : public Outlet {
  public:
    void push(Chunk chunk) override {
        require(!finished && !ended);
        bytes += chunk.bytes;
    }
    void finish(Instant) override {
        require(!finished);
        finished = true;
    }
    void reset() override { ended = true; }
    void close() override { ended = true; }
    std::string bytes{};
    bool finished = false;
    bool ended = false;
};

/// One connection in pieces: what a client sends, and what a server does, whether asked or not.
inline void talk(std::string_view up, std::string_view down, std::size_t piece, ErrorSpec spec) {
    const bool spares = spec.how_often.probability == 0;
    const auto effect = make_error(std::move(spec));
    require(effect.has_value());
    Tally tally;
    const Effect::Stages stages = (*effect)->attach(Random(1), tally);
    Sink server;
    Sink client;
    const Instant at{};
    const auto settle = [&] {
        for (int round = 0; round < 100 && !server.ended && !client.ended; ++round) {
            if (stages.up->wake() <= at) {
                stages.up->advance(at, server);
            } else if (stages.down->wake() <= at) {
                stages.down->advance(at, client);
            } else {
                return true;
            }
        }
        return server.ended || client.ended;
    };
    std::size_t sent = 0;
    while (sent < std::max(up.size(), down.size()) && !server.ended && !client.ended) {
        if (sent < up.size()) {
            stages.up->push({std::string(up.substr(sent, piece)), at}, server);
            require(settle());
        }
        if (sent < down.size() && !server.ended && !client.ended) {
            stages.down->push({std::string(down.substr(sent, piece)), at}, client);
            require(settle());
        }
        sent += piece;
        require(stages.up->held() <= head_bytes_max + piece);
    }
    if (server.ended || client.ended) {
        require(!spares);
        return;
    }
    stages.up->release(at, server);
    if (!client.ended) stages.down->release(at, client);
    if (!spares) return;
    require(server.bytes == up && client.bytes == down);
}

/// The whole of it: the first bytes say how to cut the others.
inline void check_recognisers(std::string_view input, RequestProtocol protocol) {
    if (input.size() < 2) return;
    const std::size_t piece = 1 + static_cast<unsigned char>(input[0]) % 64;
    const std::size_t middle = static_cast<unsigned char>(input[1]) * input.size() / 256;
    input.remove_prefix(2);
    const Seen requests = requests_in(input, input.size(), protocol);
    require(requests == requests_in(input, piece, protocol));
    const Seen answers = answers_in(input, input.size(), protocol);
    const Seen pieces = answers_in(input, piece, protocol);
    require(answers.ends == pieces.ends && answers.foreign == pieces.foreign);
    const std::string_view up = input.substr(0, std::min(middle, input.size()));
    const std::string_view down = input.substr(up.size());
    for (const RequestProtocol spoken : {protocol, RequestProtocol::automatic}) {
        talk(up, down, piece, {.protocol = spoken, .how_often = {.probability = 0}});
        talk(up, down, piece, {.protocol = spoken, .how_often = {.every = 2}});
    }
}

}  // namespace faultline::link::fuzz
