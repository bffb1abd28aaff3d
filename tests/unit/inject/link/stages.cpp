// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/inject/link/stages.hpp"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

namespace faultline::testing {

using link::Chunk;
using link::Outlet;

void DelayStage::push(Chunk chunk, Outlet&) {
    held_ += chunk.bytes.size();
    waiting_.push_back(std::move(chunk));
}

void DelayStage::finish(Instant at, Outlet&) {
    end_ = at;
}

Instant DelayStage::wake() const {
    if (!waiting_.empty()) return waiting_.front().at + delay_;
    return end_ ? *end_ + delay_ : Instant::max();
}

void DelayStage::advance(Instant now, Outlet& below) {
    pass_until(now, below);
}

void DelayStage::release(Instant, Outlet& below) {
    pass_until(Instant::max(), below);
}

void DelayStage::pass_until(Instant limit, Outlet& below) {
    while (!waiting_.empty() && waiting_.front().at + delay_ <= limit) {
        Chunk chunk = std::move(waiting_.front());
        waiting_.pop_front();
        held_ -= chunk.bytes.size();
        chunk.at += delay_;
        below.push(std::move(chunk));
    }
    if (!waiting_.empty() || !end_ || *end_ + delay_ > limit) return;
    const Instant at = *std::exchange(end_, std::nullopt) + delay_;
    below.finish(at);
}

void SliceStage::push(Chunk chunk, Outlet& below) {
    for (std::size_t at = 0; at < chunk.bytes.size(); at += bytes_)
        below.push({chunk.bytes.substr(at, bytes_), chunk.at});
}

void StallStage::push(Chunk chunk, Outlet&) {
    held_.bytes += chunk.bytes;
    held_.at = chunk.at;
}

void StallStage::finish(Instant, Outlet&) {
    ended_ = true;
}

void StallStage::release(Instant now, Outlet& below) {
    if (!held_.bytes.empty()) below.push(std::move(held_));
    if (ended_) below.finish(now);
}

void EndingStage::push(Chunk chunk, Outlet& below) {
    const std::size_t passed = std::min(left_, chunk.bytes.size());
    left_ -= passed;
    chunk.bytes.resize(passed);
    if (passed > 0) below.push(std::move(chunk));
    if (left_ > 0) return;
    if (with_reset_) {
        below.reset();
    } else {
        below.close();
    }
}

void MarkStage::push(Chunk chunk, Outlet& below) {
    chunk.bytes.insert(chunk.bytes.begin(), mark_);
    below.push(std::move(chunk));
}

link::Effect::Stages TestEffect::attach(Random random, link::Tally&) {
    Stages stages;
    if (parts_.up) stages.up = parts_.up(random);
    if (parts_.down) stages.down = parts_.down(random);
    return stages;
}

std::shared_ptr<link::Effect> effect(TestEffect::Parts parts) {
    return std::make_shared<TestEffect>(std::move(parts));
}

void OneLink::put(const std::string& effect_id,
                  std::shared_ptr<link::Effect> effect,
                  std::shared_ptr<link::Tally> tally,
                  double probability) const {
    engine->apply({{.link = id,
                    .id = effect_id,
                    .effect = std::move(effect),
                    .tally = std::move(tally),
                    .probability = probability}});
}

OneLink one_link(const std::string& upstream,
                 link::Engine::Options options,
                 const std::string& listen) {
    OneLink made;
    auto engine = link::Engine::start(options);
    EXPECT_TRUE(engine);
    made.engine = std::move(*engine);
    const auto id = made.engine->open({.name = "a->b", .listen = listen, .upstream = upstream});
    EXPECT_TRUE(id) << id.error().message;
    made.id = *id;
    made.address = made.engine->listen_address(*id);
    return made;
}

std::string Pair::passed(std::size_t bytes) {
    EXPECT_TRUE(client.send("x"));
    return server.read(bytes);
}

Pair connect_through(const OneLink& link, TestServer& server) {
    Pair pair;
    pair.client = Wire::connect(link.address);
    pair.server = server.accept();
    EXPECT_TRUE(pair.client && pair.server);
    return pair;
}

bool reaches(const std::string& address, TestServer& server) {
    Wire client = Wire::connect(address);
    if (!client) return false;
    Wire served = server.accept();
    return served && client.send("ping") && served.read(4) == "ping";
}

}  // namespace faultline::testing
