// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/inject/link_protocol/talk.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace faultline::link::test {
namespace {

constexpr int rounds_max = 1000;  // of advancing, before a stage counts as never content

}  // namespace

void RecordingOutlet::push(Chunk chunk) {
    EXPECT_FALSE(finished) << "pushed after the end: " << chunk.bytes;
    EXPECT_FALSE(closed) << "pushed after close: " << chunk.bytes;
    EXPECT_TRUE(chunks.empty() || chunk.at >= chunks.back().at) << "out of the order of time";
    bytes += chunk.bytes;
    chunks.push_back(std::move(chunk));
}

void RecordingOutlet::finish(Instant at) {
    EXPECT_FALSE(finished) << "finished twice";
    finished = true;
    finished_at = at;
}

Talk::Talk(ErrorSpec spec, Opened opened, std::uint64_t seed) {
    auto made = make_error(std::move(spec));
    if (!made) {
        ADD_FAILURE() << made.error().message;
        return;
    }
    effect_ = *made;
    const Random random(seed);
    stages_ = opened == Opened::now ? effect_->attach(random, *tally_)
                                    : effect_->attach_midway(random, *tally_);
}

Talk::Talk(Talk& other, std::uint64_t seed) : effect_(other.effect_), tally_(other.tally_) {
    stages_ = effect_->attach(Random(seed), *tally_);
}

bool Talk::over() const {
    return server_.closed || server_.was_reset || client_.closed || client_.was_reset;
}

void Talk::ask(std::string_view bytes) {
    if (over()) return;
    if (stages_.up == nullptr) return server_.push({std::string(bytes), now_});
    stages_.up->push({std::string(bytes), now_}, server_);
    settle();
}

void Talk::answer(std::string_view bytes) {
    if (over()) return;
    if (stages_.down == nullptr) return client_.push({std::string(bytes), now_});
    stages_.down->push({std::string(bytes), now_}, client_);
    settle();
}

void Talk::client_finishes() {
    if (over()) return;
    if (stages_.up == nullptr) return server_.finish(now_);
    stages_.up->finish(now_, server_);
    settle();
}

void Talk::server_finishes() {
    if (over()) return;
    if (stages_.down == nullptr) return client_.finish(now_);
    stages_.down->finish(now_, client_);
    settle();
}

Instant Talk::wake() const {
    Instant earliest = Instant::max();
    for (const Stage* stage : {stages_.up.get(), stages_.down.get()}) {
        if (stage != nullptr) earliest = std::min(earliest, stage->wake());
    }
    return earliest;
}

void Talk::settle() {
    int rounds = 0;
    for (; rounds < rounds_max && !over() && wake() <= now_; ++rounds) {
        if (stages_.up != nullptr && stages_.up->wake() <= now_) stages_.up->advance(now_, server_);
        if (stages_.down != nullptr && !over() && stages_.down->wake() <= now_)
            stages_.down->advance(now_, client_);
    }
    EXPECT_LT(rounds, rounds_max) << "a stage is due for ever";
    drop_retired();
}

void Talk::wait(Duration span) {
    const Instant end = now_ + span;
    while (!over() && wake() <= end) {
        now_ = std::max(now_, wake());
        settle();
    }
    now_ = end;
}

void Talk::drop_retired() {
    if (!retiring_) return;
    if (stages_.up != nullptr && stages_.up->retired()) stages_.up.reset();
    if (stages_.down != nullptr && stages_.down->retired()) stages_.down.reset();
}

void Talk::retire() {
    if (over()) return;
    retiring_ = true;
    const bool up_left = stages_.up->retire(now_, server_);
    const bool down_left = stages_.down->retire(now_, client_);
    EXPECT_EQ(up_left, stages_.up->retired());
    EXPECT_EQ(down_left, stages_.down->retired());
    settle();
}

void Talk::release() {
    if (over()) return;
    stages_.up->release(now_, server_);
    stages_.down->release(now_, client_);
    stages_ = {};
}

std::string Talk::server_got() {
    return server_.bytes.substr(std::exchange(server_seen_, server_.bytes.size()));
}

std::string Talk::client_got() {
    return client_.bytes.substr(std::exchange(client_seen_, client_.bytes.size()));
}

std::size_t Talk::held() const {
    std::size_t bytes = 0;
    for (const Stage* stage : {stages_.up.get(), stages_.down.get()}) {
        if (stage != nullptr) bytes += stage->held();
    }
    return bytes;
}

bool Talk::accepts() const {
    return stages_.up == nullptr || stages_.up->accepts();
}

ErrorSpec answering(RequestConditions match) {
    ErrorSpec spec;
    spec.match = std::move(match);
    return spec;
}

ErrorSpec acting(ErrorAction action, RequestConditions match) {
    ErrorSpec spec = answering(std::move(match));
    spec.action = action;
    if (action == ErrorAction::delay) spec.delay = std::chrono::milliseconds(50);
    return spec;
}

std::string get(std::string_view path, std::string_view fields) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: here\r\n{}\r\n", path, fields);
}

std::string post(std::string_view path, std::string_view body) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: here\r\nContent-Length: {}\r\n\r\n{}", path, body.size(), body);
}

std::string ok(std::string_view body) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

std::string refusal() {
    return "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace faultline::link::test
