// SPDX-License-Identifier: Apache-2.0
// What holds for any traffic, however it is cut.
#include <algorithm>

#include <gtest/gtest.h>

#include "harness/base/resp.hpp"
#include "tests/unit/inject/link_protocol/talk.hpp"
#include "tests/unit/inject/link_protocol/traffic.hpp"

namespace faultline::link::test {
namespace {

using namespace std::chrono_literals;

constexpr RequestProtocol both[] = {RequestProtocol::http, RequestProtocol::redis};

RequestConditions marked(RequestProtocol protocol) {
    if (protocol == RequestProtocol::http) return {.path_pattern = "^/struck"};
    return {.key = "struck"};
}

/// Feeds both ways in a random order, with time passing.
void feed(Talk& talk, std::vector<std::string> up, std::vector<std::string> down, Random& random) {
    std::reverse(up.begin(), up.end());
    std::reverse(down.begin(), down.end());
    while (!up.empty() || !down.empty()) {
        const bool upward = down.empty() || (!up.empty() && random.below(2) == 0);
        auto& pieces = upward ? up : down;
        upward ? talk.ask(pieces.back()) : talk.answer(pieces.back());
        pieces.pop_back();
        if (random.below(4) == 0) talk.wait(Duration(random.below(10'000'000)));
    }
}

TEST(LinkErrorProperty, WithoutAMatchNothingIsChanged) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        Random random(seed);
        const RequestProtocol protocol = both[seed % 2];
        std::string up;
        std::string down;
        for (const Exchange& exchange : random_exchanges(protocol, 10, random)) {
            up += exchange.request;
            down += exchange.answer;
        }
        ErrorSpec spec =
            answering(protocol == RequestProtocol::http ? RequestConditions{.path = "/never"}
                                                        : RequestConditions{.commands = {"NEVER"}});
        const auto opened = seed % 3 == 0 ? Talk::Opened::before : Talk::Opened::now;
        if (seed % 5 == 0) spec.protocol = protocol;
        Talk talk(spec, opened, seed);
        // The answers follow: a server does not answer what it was not asked.
        for (const std::string& piece : cut(up, random))
            talk.ask(piece);
        talk.wait(100ms);
        for (const std::string& piece : cut(down, random))
            talk.answer(piece);
        ASSERT_EQ(talk.held(), 0U) << seed;
        ASSERT_EQ(talk.server().bytes, up) << seed;
        ASSERT_EQ(talk.client().bytes, down) << seed;
        const bool first_inline = protocol == RequestProtocol::redis && !up.starts_with('*');
        const bool first_empty = protocol == RequestProtocol::http && up.starts_with('\r');
        if (opened == Talk::Opened::now && !first_inline && !first_empty) {
            EXPECT_EQ(talk.tally().requests.get(), 10U) << seed;
            EXPECT_EQ(talk.tally().unparsed.get(), 0U) << seed;
        }
    }
}

TEST(LinkErrorProperty, GarbageIsNotChanged) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        Random random(seed);
        const std::string up = random_garbage(random);
        const std::string down = random_garbage(random);
        ErrorSpec spec = answering();
        spec.how_often.probability = 0;
        if (seed % 3 != 0) spec.protocol = both[seed % 2];
        Talk talk(spec, seed % 4 == 0 ? Talk::Opened::before : Talk::Opened::now, seed);
        feed(talk, cut(up, random), cut(down, random), random);
        if (seed % 2 == 0) {
            talk.client_finishes();
        } else if (seed % 5 == 0) {
            talk.release();
        } else {
            talk.retire();
        }
        talk.server_finishes();
        ASSERT_FALSE(talk.over()) << seed;
        ASSERT_EQ(talk.server().bytes, up) << seed;
        ASSERT_EQ(talk.client().bytes, down) << seed;
    }
}

TEST(LinkErrorProperty, GarbageWithMatchesEndsInOrder) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        Random random(seed);
        constexpr ErrorAction actions[] = {
            ErrorAction::answer, ErrorAction::delay, ErrorAction::drop, ErrorAction::close};
        ErrorSpec spec = acting(actions[seed % 4]);
        spec.how_often.probability = 0.5;
        if (seed % 3 != 0) spec.protocol = both[seed % 2];
        Talk talk(spec, Talk::Opened::now, seed);
        const std::string down = random_garbage(random);
        feed(talk, cut(random_garbage(random), random), cut(down, random), random);
        talk.client_finishes();
        talk.server_finishes();
        talk.wait(1s);
        EXPECT_EQ(talk.held(), 0U) << seed;
        EXPECT_TRUE(talk.over() || (talk.server().finished && talk.client().finished)) << seed;
    }
}

/// A connection on which a client pipelines and a server answers what it was sent, both in pieces
/// of their own.
class Pipeline {
  public:
    Pipeline(RequestProtocol protocol, ErrorAction action, std::uint64_t seed)
        : random_(seed),
          exchanges_(random_exchanges(protocol, 12, random_)),
          talk_(spec_of(protocol, action), Talk::Opened::now, seed) {
        std::string up;
        for (const Exchange& exchange : exchanges_)
            up += exchange.request;
        up_ = cut(up, random_);
        std::reverse(up_.begin(), up_.end());
    }

    [[nodiscard]] Talk& talk() { return talk_; }
    [[nodiscard]] std::size_t left() const { return up_.size(); }

    void step() {
        if (!up_.empty() && random_.below(2) == 0) {
            talk_.ask(up_.back());
            up_.pop_back();
        }
        read_as_server();
        if (!down_.empty() && random_.below(2) == 0) {
            const std::size_t size = 1 + random_.below(down_.size());
            talk_.answer(down_.substr(0, size));
            down_.erase(0, size);
        }
        if (random_.below(4) == 0) talk_.wait(Duration(random_.below(20'000'000)));
    }
    void run() {
        while (!up_.empty() || !down_.empty()) {
            step();
            if (talk_.over()) return;
        }
        talk_.wait(1s);
        read_as_server();
        talk_.answer(std::exchange(down_, {}));
    }
    /// What the client should have got: everything in the order of its requests.
    [[nodiscard]] std::string expected(ErrorAction action) const {
        std::string all;
        for (std::size_t index = 0; index < exchanges_.size(); ++index) {
            if (forwarded_[index]) {
                all += exchanges_[index].answer;
            } else if (action == ErrorAction::answer) {
                all += exchanges_[index].refusal;
            }
        }
        return all;
    }
    /// Whether the server saw whole requests, and struck ones only when they were let through.
    [[nodiscard]] bool server_saw_whole_requests() const {
        return server_at_ == talk_.server().bytes.size();
    }
    [[nodiscard]] bool spared_only_marked() const {
        for (std::size_t index = 0; index < exchanges_.size(); ++index) {
            if (!forwarded_[index] && !exchanges_[index].marked) return false;
        }
        return true;
    }

  private:
    static ErrorSpec spec_of(RequestProtocol protocol, ErrorAction action) {
        ErrorSpec spec = acting(action, marked(protocol));
        spec.protocol = protocol;  // its first request may be one that says little
        return spec;
    }
    /// Finds the next whole requests in what arrived, and writes their answers.
    void read_as_server() {
        while (next_ < exchanges_.size()) {
            const std::string_view rest = std::string_view(talk_.server().bytes).substr(server_at_);
            std::size_t index = next_;
            while (index < exchanges_.size() && !rest.starts_with(exchanges_[index].request))
                ++index;
            if (index == exchanges_.size()) return;
            forwarded_[index] = true;
            server_at_ += exchanges_[index].request.size();
            down_ += exchanges_[index].answer;
            next_ = index + 1;
        }
    }

    Random random_;
    std::vector<Exchange> exchanges_;
    Talk talk_;
    std::vector<std::string> up_;
    std::string down_;
    std::size_t next_ = 0;
    std::size_t server_at_ = 0;
    std::vector<bool> forwarded_ = std::vector<bool>(12);
};

TEST(LinkErrorProperty, AnswersKeepTheOrderOfTheirRequests) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        constexpr ErrorAction actions[] = {
            ErrorAction::answer, ErrorAction::delay, ErrorAction::drop};
        const ErrorAction action = actions[seed % 3];
        Pipeline pipeline(both[seed % 2], action, seed);
        pipeline.run();
        ASSERT_FALSE(pipeline.talk().over()) << seed;
        ASSERT_TRUE(pipeline.server_saw_whole_requests()) << seed;
        ASSERT_TRUE(pipeline.spared_only_marked()) << seed;
        ASSERT_EQ(pipeline.talk().client().bytes, pipeline.expected(action)) << seed;
        EXPECT_EQ(pipeline.talk().tally().requests.get(), 12U) << seed;
        EXPECT_EQ(pipeline.talk().tally().unparsed.get(), 0U) << seed;
    }
}

TEST(LinkErrorProperty, GentleRemovalKeepsTheOrderToo) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        constexpr ErrorAction actions[] = {
            ErrorAction::answer, ErrorAction::delay, ErrorAction::drop};
        const ErrorAction action = actions[seed % 3];
        Pipeline pipeline(both[seed % 2], action, seed);
        Random random(seed);
        const std::size_t until = random.below(pipeline.left());
        while (pipeline.left() > until)
            pipeline.step();
        pipeline.talk().retire();
        pipeline.run();
        ASSERT_FALSE(pipeline.talk().over()) << seed;
        ASSERT_TRUE(pipeline.talk().gone()) << seed;
        ASSERT_TRUE(pipeline.server_saw_whole_requests()) << seed;
        ASSERT_EQ(pipeline.talk().client().bytes, pipeline.expected(action)) << seed;
    }
}

TEST(LinkErrorProperty, RemovalAtOnceKeepsTheOrderOrEndsTheConnection) {
    int ended = 0;
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        Pipeline pipeline(both[seed % 2], ErrorAction::answer, seed);
        Random random(seed);
        const std::size_t until = random.below(pipeline.left());
        while (pipeline.left() > until)
            pipeline.step();
        pipeline.talk().release();
        pipeline.run();
        if (!pipeline.talk().over()) {
            ASSERT_TRUE(pipeline.server_saw_whole_requests()) << seed;
            ASSERT_EQ(pipeline.talk().client().bytes, pipeline.expected(ErrorAction::answer));
            continue;
        }
        ++ended;
        // What was seen before is in order; a last answer may say that the connection ends.
        std::string seen = pipeline.talk().client().bytes;
        const std::size_t last = seen.rfind("Connection: close\r\n\r\n");
        if (last != std::string::npos) seen.resize(seen.rfind("HTTP/1.1 503"));
        ASSERT_TRUE(pipeline.expected(ErrorAction::answer).starts_with(seen)) << seed;
    }
    EXPECT_GT(ended, 50);
    EXPECT_LT(ended, 450);
}

// Every message of a long dialogue, cut at every byte: the same comes out.
TEST(LinkErrorProperty, CutsChangeNothing) {
    for (const RequestProtocol protocol : both) {
        Random random(5);
        std::string up;
        std::string down;
        std::string expected_up;
        std::string expected_down;
        for (const Exchange& exchange : random_exchanges(protocol, 8, random)) {
            up += exchange.request;
            if (!exchange.marked) expected_up += exchange.request;
            if (!exchange.marked) down += exchange.answer;
            expected_down += exchange.marked ? exchange.refusal : exchange.answer;
        }
        ErrorSpec spec = answering(marked(protocol));
        spec.protocol = protocol;
        for (std::size_t at = 0; at < std::max(up.size(), down.size()); ++at) {
            Talk talk(spec);
            talk.ask(std::string_view(up).substr(0, at));
            talk.ask(std::string_view(up).substr(std::min(at, up.size())));
            talk.answer(std::string_view(down).substr(0, at));
            talk.answer(std::string_view(down).substr(std::min(at, down.size())));
            ASSERT_EQ(talk.server().bytes, expected_up) << at;
            ASSERT_EQ(talk.client().bytes, expected_down) << at;
        }
        Talk byte_by_byte(spec);
        for (const char byte : up)
            byte_by_byte.ask({&byte, 1});
        for (const char byte : down)
            byte_by_byte.answer({&byte, 1});
        EXPECT_EQ(byte_by_byte.server().bytes, expected_up);
        EXPECT_EQ(byte_by_byte.client().bytes, expected_down);
    }
}

}  // namespace
}  // namespace faultline::link::test
