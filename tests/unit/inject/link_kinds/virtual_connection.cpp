// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/inject/link_kinds/virtual_connection.hpp"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

namespace faultline::link {

std::string Delivered::bytes() const {
    std::string all;
    for (const Chunk& chunk : chunks)
        all += chunk.bytes;
    return all;
}

std::vector<Duration> Delivered::instants() const {
    std::vector<Duration> instants;
    for (const Chunk& chunk : chunks)
        instants.push_back(chunk.at - VirtualConnection::start());
    return instants;
}

/// A stage and what stands above it sees.
class VirtualConnection::Node final : public Outlet {
  public:
    Node(VirtualConnection& connection, Line& line, std::unique_ptr<Stage> stage)
        : connection_(connection), line_(line), stage_(std::move(stage)) {}

    void push(Chunk chunk) override {
        EXPECT_FALSE(chunk.bytes.empty());
        EXPECT_LE(last_, chunk.at) << "chunks go back in time";
        EXPECT_LE(chunk.at, connection_.now_) << "a chunk is handed on before its time";
        last_ = chunk.at;
        if (!finished_) stage_->push(std::move(chunk), below());
    }
    void finish(Instant at) override {
        EXPECT_LE(last_, at);
        if (!std::exchange(finished_, true)) stage_->finish(at, below());
    }
    void reset() override { below().reset(); }
    void close() override {
        finish(std::max(last_, connection_.now_));
        below().close();
    }
    void release() {
        stage_->release(connection_.now_, below());
        if (finished_) below().finish(connection_.now_);
    }
    [[nodiscard]] Stage& stage() const { return *stage_; }
    [[nodiscard]] Outlet& below() const;

  private:
    VirtualConnection& connection_;
    Line& line_;
    std::unique_ptr<Stage> stage_;
    Instant last_ = Instant::min();
    bool finished_ = false;
};

/// One way: its stages, and the socket at its end.
struct VirtualConnection::Line final : public Outlet {
    explicit Line(VirtualConnection& of) : connection(of) {}

    void push(Chunk chunk) override {
        if (connection.reset_at_ || out.finished) return;
        out.chunks.push_back(std::move(chunk));
    }
    void finish(Instant at) override {
        if (!out.finished && !connection.reset_at_) out.finished = at;
    }
    void reset() override {
        EXPECT_FALSE(connection.ended()) << "a connection ends once";
        connection.reset_at_ = connection.time();
    }
    void close() override {
        EXPECT_FALSE(connection.ended()) << "a connection ends once";
        connection.closed_at_ = connection.time();
        out.finished = out.finished.value_or(connection.now_);
    }

    VirtualConnection& connection;
    std::vector<std::unique_ptr<Node>> nodes;
    Delivered out;
};

Outlet& VirtualConnection::Node::below() const {
    const auto self = std::find_if(line_.nodes.begin(),
                                   line_.nodes.end(),
                                   [this](const auto& node) { return node.get() == this; });
    if (self + 1 == line_.nodes.end()) return line_;
    return **(self + 1);
}

VirtualConnection::VirtualConnection() {
    lines_.push_back(std::make_unique<Line>(*this));
    lines_.push_back(std::make_unique<Line>(*this));
}

VirtualConnection::~VirtualConnection() = default;

namespace {

/// A way that an effect leaves alone still takes a place, so that indices agree.
class Untouched final : public Stage {};

}  // namespace

void VirtualConnection::attach(Effect& effect, Tally& tally, Random random, bool midway) {
    auto [up, down] = midway ? effect.attach_midway(random, tally) : effect.attach(random, tally);
    for (const Way way : {Way::up, Way::down}) {
        auto& stage = way == Way::up ? up : down;
        if (!stage) stage = std::make_unique<Untouched>();
        line(way).nodes.push_back(std::make_unique<Node>(*this, line(way), std::move(stage)));
    }
    advance_due();
}

void VirtualConnection::detach(std::size_t index) {
    for (const Way way : {Way::up, Way::down}) {
        auto& nodes = line(way).nodes;
        nodes[index]->release();
        nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(index));
    }
    advance_due();
}

void VirtualConnection::push(Way way, std::string bytes) {
    if (ended()) return;
    Line& on = line(way);
    Outlet& top = on.nodes.empty() ? static_cast<Outlet&>(on) : *on.nodes.front();
    top.push({std::move(bytes), now_});
    advance_due();
}

void VirtualConnection::finish(Way way) {
    if (ended()) return;
    Line& on = line(way);
    Outlet& top = on.nodes.empty() ? static_cast<Outlet&>(on) : *on.nodes.front();
    top.finish(now_);
    advance_due();
}

void VirtualConnection::advance_due() {
    constexpr int turns_max = 10'000'000;
    for (int turn = 0; turn < turns_max; ++turn) {
        bool any = false;
        for (const auto& each : lines_) {
            for (const auto& node : each->nodes) {
                if (reset_at_ || node->stage().wake() > now_) continue;
                node->stage().advance(now_, node->below());
                any = true;
            }
        }
        if (!any) return;
    }
    ADD_FAILURE() << "a stage wants to be woken for ever";
}

void VirtualConnection::run_until(Duration since_start) {
    const Instant end = start() + since_start;
    ASSERT_LE(now_, end);
    for (;;) {
        Instant next = Instant::max();
        for (const auto& each : lines_) {
            for (const auto& node : each->nodes)
                next = std::min(next, node->stage().wake());
        }
        if (next > end || reset_at_) break;
        now_ = std::max(now_, next);
        advance_due();
    }
    now_ = end;
}

void VirtualConnection::jump_to(Duration since_start) {
    ASSERT_LE(now_, start() + since_start);
    now_ = start() + since_start;
    advance_due();
}

bool VirtualConnection::accepts(Way way) const {
    const auto& nodes = line(way).nodes;
    return std::all_of(
        nodes.begin(), nodes.end(), [](const auto& node) { return node->stage().accepts(); });
}

std::size_t VirtualConnection::held(Way way) const {
    std::size_t bytes = 0;
    for (const auto& node : line(way).nodes)
        bytes += node->stage().held();
    return bytes;
}

const Delivered& VirtualConnection::out(Way way) const {
    return line(way).out;
}

std::string some_bytes(std::size_t count, std::uint64_t seed) {
    Random random(seed);
    std::string bytes(count, '\0');
    for (char& byte : bytes)
        byte = static_cast<char>(random.below(256));
    return bytes;
}

}  // namespace faultline::link
