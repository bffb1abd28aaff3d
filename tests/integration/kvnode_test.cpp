// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/command.hpp"
#include "tests/integration/kv_group.hpp"

namespace faultline::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Sets keys until one fails or `count` are done; the number that was acknowledged.
int set_keys(kvnode::client::RedisClient& client, int first, int count) {
    for (int key = first; key < first + count; ++key) {
        const std::string name = "key" + std::to_string(key);
        if (auto set = client.call({"SET", name, name}, true); !set) {
            ADD_FAILURE() << name << ": " << set.error().message;
            return key - first;
        }
    }
    return count;
}

void expect_keys(kvnode::client::RedisClient& client, int count) {
    for (int key = 0; key < count; ++key) {
        const std::string name = "key" + std::to_string(key);
        const auto value = client.call({"GET", name});
        ASSERT_TRUE(value) << value.error().message;
        EXPECT_EQ(value->text, name);
    }
}

TEST(KvGroup, ServesAtThePrimaryAndPointsToIt) {
    KvGroup group(3);
    const std::size_t primary = group.primary();
    EXPECT_EQ(ask(group.port(primary), {"SET", "a", "1"}), "+OK");
    EXPECT_EQ(ask(group.port(primary), {"GET", "a"}), "1");
    const std::size_t secondary = (primary + 1) % 3;
    group.wait_info(secondary, "ready", "1");
    const std::string address = "127.0.0.1:" + std::to_string(group.port(primary));
    EXPECT_THAT(ask(group.port(secondary), {"SET", "a", "2"}), StartsWith("-READONLY"));
    EXPECT_THAT(ask(group.port(secondary), {"GET", "a"}), HasSubstr(address));
    EXPECT_EQ(group.info(secondary, "master_port"), std::to_string(group.port(primary)));
}

TEST(KvGroup, SaysMovedWhenAskedTo) {
    KvGroup group(3, {"--redirect", "moved"});
    const std::size_t primary = group.primary();
    const std::size_t secondary = (primary + 1) % 3;
    group.wait_info(secondary, "ready", "1");
    EXPECT_EQ(ask(group.port(secondary), {"SET", "foo", "2"}),
              "-MOVED 12182 127.0.0.1:" + std::to_string(group.port(primary)));
}

TEST(KvGroup, LosesNothingWhenThePrimaryIsKilled) {
    KvGroup group(3);
    static_cast<void>(group.primary());
    auto client = group.client();
    int written = set_keys(client, 0, 50);
    for (int round = 0; round < 3; ++round) {
        const std::size_t primary = group.primary();
        group.kill(primary);
        static_cast<void>(group.primary(primary));
        written += set_keys(client, written, 50);
        group.start(primary);
        group.wait_info(primary, "ready", "1");
    }
    expect_keys(client, written);
}

TEST(KvGroup, LosesNothingWhenAllAreKilled) {
    for (const char* level : {"high", "medium"}) {
        KvGroup group(3, {"--level", level});
        static_cast<void>(group.primary());
        auto client = group.client();
        const int written = set_keys(client, 0, 100);
        for (std::size_t node = 0; node < 3; ++node)
            group.kill(node);
        for (std::size_t node = 0; node < 3; ++node)
            group.start(node);
        static_cast<void>(group.primary());
        expect_keys(client, written);
    }
}

TEST(KvGroup, AResumedPrimaryStepsDown) {
    KvGroup group(3);
    const std::size_t old = group.primary();
    group.signal(old, SIGSTOP);
    const std::size_t successor = group.primary(old);
    EXPECT_EQ(ask(group.port(successor), {"SET", "a", "new"}), "+OK");
    group.signal(old, SIGCONT);
    group.wait_info(old, "role", "slave");
    EXPECT_THAT(ask(group.port(old), {"SET", "a", "old"}), StartsWith("-READONLY"));
    EXPECT_EQ(ask(group.port(successor), {"GET", "a"}), "new");
}

TEST(KvGroup, HandsOverWhenThePrimaryIsAskedToStop) {
    KvGroup group(3);
    const std::size_t primary = group.primary();
    auto client = group.client();
    set_keys(client, 0, 20);
    group.signal(primary, SIGTERM);
    set_keys(client, 20, 50);
    EXPECT_EQ(group.wait_exit(primary), 0);
    EXPECT_THAT(group.log(primary), ::testing::Not(HasSubstr("nobody took the lead over")));
    expect_keys(client, 70);
}

/// Writes on connections of its own, one after the other, at whoever takes them. What a reply says
/// about a write is kept by its number.
class Writer {
  public:
    Writer(const KvGroup& group, std::string name) : name_(std::move(name)) {
        for (std::size_t node = 0; node < group.count(); ++node)
            ports_.push_back(group.port(node));
    }
    ~Writer() { stop(); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void start() {
        thread_ = std::thread([this] {
            std::optional<Client> client;
            for (std::size_t node = 0; !stopping_;) {
                if (!client) client.emplace(ports_[node]);
                const std::string key = key_of(replies.size());
                replies.push_back(client->ask({"SET", key, key}));
                if (replies.back() == "+OK") {
                    ++done;
                } else {
                    node = (node + 1) % ports_.size();
                    client.reset();
                }
            }
        });
    }
    void stop() {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
    }
    [[nodiscard]] std::string key_of(std::size_t number) const {
        return name_ + "-" + std::to_string(number);
    }

    std::vector<std::string> replies{};  // to be looked at when it has stopped
    std::atomic<std::size_t> done{0};

  private:
    std::string name_;
    std::vector<std::uint16_t> ports_{};
    std::atomic<bool> stopping_{false};
    std::thread thread_{};
};

TEST(KvGroup, HandsOverWhenAskedToUnderWritesAndLosesNone) {
    KvGroup group(3);
    static_cast<void>(group.primary());
    std::vector<std::unique_ptr<Writer>> writers;
    for (const char* name : {"a", "b", "c", "d"}) {
        writers.push_back(std::make_unique<Writer>(group, name));
        writers.back()->start();
    }
    for (int round = 0; round < 5; ++round) {
        const std::size_t before = writers[0]->done;
        ASSERT_TRUE(group.wait_until([&] { return writers[0]->done > before + 10; }));
        std::size_t old = 0;
        ASSERT_TRUE(group.wait_until([&] {
            old = group.primary();
            return ask(group.port(old), {"FAILOVER"}) == "+OK";
        }));
        static_cast<void>(group.primary(old));
        group.wait_info(old, "role", "slave");
    }
    std::size_t acknowledged = 0;
    Client reader(group.port(group.primary()));
    for (const auto& writer : writers) {
        writer->stop();
        for (std::size_t number = 0; number < writer->replies.size(); ++number) {
            const std::string& reply = writer->replies[number];
            EXPECT_THAT(reply,
                        ::testing::AnyOf("+OK", StartsWith("-READONLY"), StartsWith("-MASTERDOWN")))
                << "an empty one: no answer at all";
            acknowledged += reply == "+OK";
            const std::string key = writer->key_of(number);
            EXPECT_EQ(reader.ask({"GET", key}), reply == "+OK" ? key : "$-1");
        }
    }
    EXPECT_GE(acknowledged, 50U);
}

TEST(KvGroup, HandsOverToTheNodeThatIsNamed) {
    KvGroup group(3);
    const std::size_t old = group.primary();
    const std::size_t wanted = (old + 2) % 3;
    const std::string port = std::to_string(group.port(wanted));
    group.wait_info(wanted, "ready", "1");
    const auto answer = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "FAILOVER");
        return ask(group.port(old), words);
    };
    EXPECT_THAT(answer({"TO", "127.0.0.1", "1"}), StartsWith("-ERR FAILOVER"));
    EXPECT_THAT(answer({"TO", "127.0.0.1", port, "FORCE"}), HasSubstr("lose writes"));
    EXPECT_THAT(answer({"TIMEOUT", "0"}), HasSubstr("timeout"));
    EXPECT_THAT(answer({"ABORT"}), HasSubstr("no hand-over runs"));
    EXPECT_THAT(answer({"SIDEWAYS"}), StartsWith("-ERR syntax error"));
    EXPECT_THAT(ask(group.port(wanted), {"FAILOVER"}), HasSubstr("does not lead"));
    EXPECT_EQ(group.info(old, "master_failover_state"), "no-failover");
    // Right after the start it may not have answered yet.
    EXPECT_TRUE(group.wait_until([&] {
        return answer({"TO", "127.0.0.1", port, "TIMEOUT", "5000"}) == "+OK";
    }));
    group.wait_info(wanted, "role", "master");
    EXPECT_THAT(ask(group.port(wanted), {"FT.HISTORY"}), StartsWith("*"));
}

TEST(KvGroup, OfOneServesAlone) {
    KvGroup group(1);
    static_cast<void>(group.primary());
    EXPECT_EQ(ask(group.port(0), {"SET", "alone", "1"}), "+OK");
    group.kill(0);
    group.start(0);
    static_cast<void>(group.primary());
    EXPECT_EQ(ask(group.port(0), {"GET", "alone"}), "1");
}

TEST(KvGroup, WithAWitnessSurvivesTheLossOfADataNode) {
    constexpr std::size_t witness = 2;
    KvGroup group(3, {}, witness);
    const std::size_t primary = group.primary();
    ASSERT_NE(primary, witness);
    auto client = group.client();
    int written = set_keys(client, 0, 50);
    const std::size_t other = 1 - primary;
    group.wait_info(other, "applied", group.info(primary, "applied"));
    group.kill(primary);
    EXPECT_EQ(group.primary(primary), other);
    written += set_keys(client, written, 50);
    expect_keys(client, written);
    EXPECT_EQ(group.info(witness, "role"), "slave");
}

TEST(KvGroup, ANodeThatWasAwayGetsASnapshot) {
    KvGroup group(3, {"--snapshot-after", "1MiB", "--segment-bytes", "1MiB"});
    const std::size_t primary = group.primary();
    const std::size_t away = (primary + 1) % 3;
    group.kill(away);
    auto client = group.client();
    // More than the primary keeps in memory behind a snapshot, so that the log alone will not do.
    const std::string large(100 << 10, 'x');
    for (int key = 0; key < 300; ++key)
        ASSERT_TRUE(client.call({"SET", "large" + std::to_string(key), large}, true));
    EXPECT_NE(group.info(primary, "snapshot_index"), "0");
    group.start(away);
    group.wait_info(away, "ready", "1");
    group.wait_info(away, "applied", group.info(group.primary(), "applied"));
    EXPECT_THAT(group.log(away), HasSubstr("event=restored index="));
    // Alone with it the group still has everything: kill the third and write.
    const std::size_t third = 3 - primary - away;
    group.kill(third);
    EXPECT_EQ(ask(group.port(group.primary()), {"SET", "after", "1"}), "+OK");
    group.wait_info(away, "applied", group.info(group.primary(), "applied"));
    EXPECT_THAT(ask(group.port(away), {"FT.STATUS"}), StartsWith("*"));
}

TEST(KvGroup, NonsenseEndsOneConnectionOnly) {
    KvGroup group(1);
    static_cast<void>(group.primary());
    Client good(group.port(0));
    EXPECT_EQ(good.ask({"SET", "a", "1"}), "+OK");
    for (const char* nonsense : {"*x\r\n", "*1\r\n:5\r\n", "*3\r\n$-7\r\n", "*999999999\r\n"}) {
        Client bad(group.port(0));
        bad.send(nonsense);
        EXPECT_THAT(bad.receive_until("\r\n"), StartsWith("-ERR Protocol error"));
        bad.send(request_of({"PING"}));
        EXPECT_EQ(bad.receive_until("\r\n"), "");
    }
    EXPECT_EQ(good.ask({"GET", "a"}), "1");
}

TEST(KvGroup, APipelineIsAnsweredInItsOrder) {
    KvGroup group(3);
    Client client(group.port(group.primary()));
    std::string requests;
    std::string replies;
    for (int round = 1; round <= 200; ++round) {
        requests += request_of({"INCR", "n"}) + request_of({"GET", "n"}) + request_of({"PING"});
        const std::string number = std::to_string(round);
        replies += ":" + number + "\r\n$" + std::to_string(number.size()) + "\r\n" + number +
                   "\r\n+PONG\r\n";
    }
    client.send(requests + request_of({"ECHO", "the end"}));
    EXPECT_EQ(client.receive_until("the end\r\n"), replies + "$7\r\nthe end\r\n");
}

TEST(KvGroup, OneFlippedBitInTheLogIsNeverServed) {
    KvGroup group(3);
    const std::size_t primary = group.primary();
    auto client = group.client();
    const int written = set_keys(client, 0, 200);
    const std::size_t damaged = (primary + 1) % 3;
    group.wait_info(damaged, "applied", group.info(primary, "applied"));
    group.kill(damaged);
    for (const auto& entry : std::filesystem::directory_iterator(group.folder(damaged) / "log")) {
        if (entry.path().extension() != ".wal") continue;
        std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
        constexpr std::streamoff middle = 3000;
        file.seekg(middle);
        const char byte = static_cast<char>(file.get());
        file.seekp(middle);
        file.put(static_cast<char>(byte ^ 0x10));
    }
    group.start(damaged);
    group.wait_info(damaged, "applied", group.info(primary, "applied"));
    EXPECT_THAT(group.log(damaged), HasSubstr("recovery"));
    // The one that was damaged and refilled, and one more, hold everything.
    group.kill(primary);
    static_cast<void>(group.primary(primary));
    expect_keys(client, written);
}

TEST(Kvnode, OrdinaryRedisToolsWorkOnIt) {
    KvGroup group(3);
    const std::string port = std::to_string(group.port(group.primary()));
    auto run = [&port](std::vector<std::string> words) {
        words.insert(words.begin() + 1, {"-p", port});
        auto result = run_command({.words = words, .timeout = std::chrono::seconds(60)});
        EXPECT_TRUE(result) << result.error().message;
        EXPECT_EQ(result->exit_code, 0) << result->error_output;
        return result->output;
    };
    EXPECT_EQ(run({"redis-cli", "set", "a", "1"}), "OK\n");
    EXPECT_THAT(run({"redis-cli", "info", "replication"}), HasSubstr("role:master"));
    EXPECT_THAT(run({"redis-cli", "role"}), StartsWith("master"));
    EXPECT_THAT(run({"redis-benchmark",
                     "-t",
                     "ping,set,get,incr,mset",
                     "-n",
                     "500",
                     "-c",
                     "10",
                     "-P",
                     "4",
                     "-q"}),
                HasSubstr("MSET"));
}

TEST(Kvnode, ServesOpenMetrics) {
    const ReservedPort metrics;
    KvGroup group(1, {"--metrics-port", metrics.text()});
    static_cast<void>(group.primary());
    EXPECT_EQ(ask(group.port(0), {"SET", "a", "1"}), "+OK");
    const std::string page = http_get(metrics.number(), "/metrics");
    EXPECT_THAT(page, HasSubstr("application/openmetrics-text"));
    EXPECT_THAT(page, HasSubstr("kvnode_serving 1"));
    EXPECT_THAT(page, HasSubstr("kvnode_write_seconds_count 1"));
    EXPECT_TRUE(page.ends_with("# EOF\n")) << page;
}

TEST(Kvnode, RefusesWrongSettingsWithPlaceReasonAndRemedy) {
    const auto result = run_command({.words = {KVNODE_PROGRAM, "--node", "1", "--lvel", "high"}});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->exit_code, 2);
    EXPECT_THAT(result->error_output, HasSubstr("level"));
}

}  // namespace
}  // namespace faultline::testing
