// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <mutex>

#include <nlohmann/json.hpp>

#include "harness/base/base64.hpp"
#include "tests/unit/load/load_fixture.hpp"

namespace faultline {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::FakeServer;
using test::load_spec;
using test::one;
using test::reaches;
using test::started;
using test::tally;

std::string response(int status, const std::string& body) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The part of etcd's JSON gateway that the driver uses, over a map.
class FakeEtcd {
  public:
    FakeServer::Answer answers() {
        return [this](FakeServer::Talk& talk) {
            for (;;) {
                const std::size_t head = talk.in.find("\r\n\r\n");
                if (head == std::string::npos) return;
                const std::size_t length = talk.in.find("Content-Length: ");
                const std::size_t bytes = std::stoul(talk.in.substr(length + 16));
                if (talk.in.size() < head + 4 + bytes) return;
                const std::string path = talk.in.substr(5, talk.in.find(' ', 5) - 5);
                const json body = json::parse(talk.in.substr(head + 4, bytes));
                talk.in.erase(0, head + 4 + bytes);
                const std::lock_guard lock(mutex_);
                talk.out += path == "/v3/kv/put" ? put(body) : range(body);
            }
        };
    }
    void forget(const std::string& key) {
        const std::lock_guard lock(mutex_);
        ASSERT_EQ(pairs_.erase(key), 1U);
    }
    std::size_t size() {
        const std::lock_guard lock(mutex_);
        return pairs_.size();
    }
    std::atomic<bool> leaderless{false};

  private:
    static std::string decoded(const json& body, const char* name) {
        return decode_base64(body.value(name, "")).value_or("?");
    }
    static std::string encoded(const std::string& bytes) {
        std::string text;
        append_base64(text, bytes);
        return text;
    }

    std::string put(const json& body) {
        if (leaderless) return response(503, R"({"error":"etcdserver: leader changed","code":14})");
        pairs_[decoded(body, "key")] = decoded(body, "value");
        return response(200, R"({"header":{"revision":"2"}})");
    }
    std::string range(const json& body) {
        if (leaderless) return response(503, R"({"error":"etcdserver: no leader","code":14})");
        const std::string begin = decoded(body, "key");
        auto pair = pairs_.lower_bound(begin);
        auto last = body.contains("range_end") ? pairs_.lower_bound(decoded(body, "range_end"))
                                               : pairs_.upper_bound(begin);
        json found = json::array();
        const int limit = body.value("limit", 1 << 30);
        for (; pair != last && static_cast<int>(found.size()) < limit; ++pair)
            found.push_back({{"key", encoded(pair->first)}, {"value", encoded(pair->second)}});
        json answer = {{"header", {{"revision", "2"}}}};
        if (!found.empty()) answer["kvs"] = found;
        if (pair != last) answer["more"] = true;
        return response(200, answer.dump());
    }

    std::mutex mutex_;
    std::map<std::string, std::string> pairs_;
};

TEST(EtcdDriver, PutsAndGetsAndReadsBackEveryPage) {
    FakeEtcd etcd;
    FakeServer server(etcd.answers());
    const auto load = started(load_spec("etcd", 20000), one(server.endpoint()));
    ASSERT_TRUE(test::eventually([&] { return etcd.size() > 2100; }));
    load->stop();
    const WriteCheck check = load->check_writes(now() + 60s);
    EXPECT_TRUE(check.checked) << check.note;
    EXPECT_GT(check.acknowledged, 2000U);
    EXPECT_EQ(check.lost, 0U);
    EXPECT_GT(check.reads_checked, 0U);
    EXPECT_EQ(check.stale_reads, 0U);
    const OperationLog log = load->take_log();
    std::size_t read = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        // What a get saw is the number of the put that wrote it.
        if (log[i].kind != 1 || log[i].version == 0) continue;
        const Operation& writer = log[log[i].version - 1];
        EXPECT_EQ(writer.kind, 0);
        EXPECT_EQ(writer.key, log[i].key);
        ++read;
    }
    EXPECT_GT(read, 0U);
}

TEST(EtcdDriver, CountsAnAcknowledgedPutThatIsGone) {
    FakeEtcd etcd;
    FakeServer server(etcd.answers());
    const auto load = started(load_spec("etcd", 1000), one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 50));
    load->stop();
    etcd.forget("faultline:3");
    const WriteCheck check = load->check_writes(now() + 60s);
    EXPECT_TRUE(check.checked) << check.note;
    EXPECT_EQ(check.lost, 1U);
    EXPECT_EQ(check.lost_keys, std::vector<std::string>{"faultline:3"});
}

TEST(EtcdDriver, CountsReadsOfWhatIsGoneAsStale) {
    FakeEtcd etcd;
    FakeServer server(etcd.answers());
    LoadSpec spec = load_spec("etcd", 2000);
    spec.parameters.set("keys", std::int64_t{3});
    spec.parameters.set("operations",
                        std::map<std::string, double>{{"put", 0.005}, {"get", 0.995}});
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(test::eventually([&] { return etcd.size() == 3; }));
    for (const char* key : {"faultline:0", "faultline:1", "faultline:2"})
        etcd.forget(key);
    ASSERT_TRUE(reaches(*load, load->progress().intended + 500));
    load->stop();
    const WriteCheck check = load->check_writes(now() + 60s);
    EXPECT_GT(check.stale_reads, 0U);
    EXPECT_FALSE(check.stale_keys.empty());
}

TEST(EtcdDriver, CannotSayWhetherAPutWasDoneThatAMemberCouldNotAnswer) {
    FakeEtcd etcd;
    etcd.leaderless = true;
    FakeServer server(etcd.answers());
    const auto load = started(load_spec("etcd", 1000), one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 50));
    load->stop();
    const OperationLog log = load->take_log();
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (log[i].failure != Failure::error_reply) continue;
        EXPECT_EQ(log[i].outcome, log[i].kind == 0 ? Outcome::unknown : Outcome::failed);
    }
    EXPECT_EQ(tally(log).ok, 0U);
}

TEST(EtcdDriver, GoesOnToTheNextMemberWhenOneIsGone) {
    FakeEtcd etcd;
    FakeServer server(etcd.answers());
    LoadTargets members;
    members.endpoints = {{"etcd[0]", "127.0.0.1", test::free_port()}, server.endpoint()};
    const auto load = started(load_spec("etcd", 1000), members);
    ASSERT_TRUE(test::eventually([&] { return load->progress().ok > 200; }));
    load->stop();
    const WriteCheck check = load->check_writes(now() + 60s);
    EXPECT_TRUE(check.checked) << check.note;
    EXPECT_EQ(check.lost, 0U);
}

TEST(EtcdDriver, RefusesAnEmptyPrefix) {
    LoadSpec spec = load_spec("etcd", 10);
    spec.parameters.set("key_prefix", std::string());
    EXPECT_FALSE(make_load(spec, one({"etcd[0]", "127.0.0.1", 1}), Random(1)));
}

}  // namespace
}  // namespace faultline
