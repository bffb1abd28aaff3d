// SPDX-License-Identifier: Apache-2.0
#include "harness/result/store.hpp"

#include <cstdlib>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/result/postgres_server.hpp"
#include "tests/unit/result/sample_run.hpp"
#include "tests/unit/result/store_behaviours.hpp"
#include "tests/unit/result/temporary_folder.hpp"

namespace faultline {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

template <class T>
std::string complaint_of(const Result<T>& result) {
    return result ? std::string("no error") : result.error().message;
}

class SqliteStore : public testing::TestWithParam<StoreBehaviour> {};

TEST_P(SqliteStore, Behaves) {
    const TemporaryFolder folder;
    // A path with what connect strings treat specially.
    GetParam().check((folder.path() / "made here" / "rate=5 history.sqlite").string());
}

INSTANTIATE_TEST_SUITE_P(Every,
                         SqliteStore,
                         testing::ValuesIn(store_behaviours()),
                         [](const auto& each) { return each.param.name; });

/// One test, since starting a server takes longer than all of it.
TEST(PostgresStore, BehavesAsSqliteDoes) {
    if (!PostgresServer::installed()) GTEST_SKIP() << "postgresql is not installed";
    const auto server = PostgresServer::start();
    ASSERT_TRUE(server) << complaint_of(server);
    int number = 0;
    for (const StoreBehaviour& behaviour : store_behaviours()) {
        SCOPED_TRACE(behaviour.name);
        const std::string schema = fmt::format("behaviour{}", ++number);
        send_statements((*server)->url(), {"create schema " + schema});
        behaviour.check((*server)->url(schema));
    }
    EXPECT_THAT(complaint_of(Store::open((*server)->url() + "&dbname=nowhere")),
                HasSubstr("database \"nowhere\" does not exist"));
}

TEST(PostgresStore, SaysThatTheServerIsNotThereWithoutThePassword) {
    const TemporaryFolder folder;
    const auto store =
        Store::open("postgresql://me:topsecret@/runs?host=" + folder.path().string());
    ASSERT_FALSE(store);
    EXPECT_THAT(store.error().message,
                AllOf(HasSubstr("postgresql://me:***@/runs"), HasSubstr("--store")));
    EXPECT_THAT(store.error().message, testing::Not(HasSubstr("topsecret")));
}

TEST(SqliteStoreFile, TakesWhatSeveralProcessesWriteAtOnce) {
    const TemporaryFolder folder;
    const std::string where = (folder.path() / "history.sqlite").string();
    constexpr int processes = 4;
    constexpr int runs_each = 5;
    std::vector<pid_t> children;
    for (int process = 0; process < processes; ++process) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child != 0) {
            children.push_back(child);
            continue;
        }
        RunRecord run = sample_run();
        bool good = true;
        for (int number = 0; number < runs_each; ++number) {
            run.run = fmt::format("p{}n{}", process, number);
            auto store = Store::open(where);
            good = good && store && store->put(run, folder.path());
        }
        ::_exit(good ? 0 : 1);
    }
    for (const pid_t child : children) {
        int status = -1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    auto store = Store::open_existing(where);
    ASSERT_TRUE(store) << complaint_of(store);
    EXPECT_THAT(*store->ids(), SizeIs(processes * runs_each));
}

TEST(SqliteStoreFile, IsNotMadeByReading) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "none.sqlite";
    const auto store = Store::open_existing(path.string());
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::not_found);
    EXPECT_THAT(store.error().message, HasSubstr("faultline history import DIR"));
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(SqliteStoreFile, SaysWhatIsWrongWithIt) {
    const TemporaryFolder folder;
    const auto text = folder.path() / "text.sqlite";
    std::ofstream(text) << std::string(4096, 'x');
    EXPECT_THAT(complaint_of(Store::open(text.string())),
                AllOf(HasSubstr(text.string()), HasSubstr("history import")));
    EXPECT_THAT(complaint_of(Store::open(folder.path().string())), HasSubstr("--store"));
    EXPECT_THAT(complaint_of(Store::open((text / "below" / "a").string())),
                HasSubstr((text / "below").string()));
    EXPECT_THAT(complaint_of(Store::open("mysql://host/db")), HasSubstr("postgresql://"));
    EXPECT_THAT(complaint_of(Store::open((folder.path() / "a\"b").string())), HasSubstr("path"));
}

TEST(StoreLocation, IsWhatWasAskedElseTheEnvironmentsElseTheDefault) {
    ::setenv("FAULTLINE_STORE", "elsewhere.sqlite", 1);
    EXPECT_EQ(store_location("asked.sqlite"), "asked.sqlite");
    EXPECT_EQ(store_location(""), "elsewhere.sqlite");
    EXPECT_EQ(store_location("none"), "");
    ::setenv("FAULTLINE_STORE", "none", 1);
    EXPECT_EQ(store_location(""), "");
    ::unsetenv("FAULTLINE_STORE");
    EXPECT_EQ(store_location(""), "results/history.sqlite");
}

TEST(ShownStore, HidesThePasswordOfAUrl) {
    EXPECT_EQ(shown_store("results/a:b@c.sqlite"), "results/a:b@c.sqlite");
    EXPECT_EQ(shown_store("postgresql://u@h/d"), "postgresql://u@h/d");
    EXPECT_EQ(shown_store("postgresql://u:p@h:5432/d"), "postgresql://u:***@h:5432/d");
    EXPECT_EQ(shown_store("postgresql://u:p@q@h/d"), "postgresql://u:***@h/d");
    EXPECT_EQ(shown_store("postgresql://h:5432/d?user=u&password=p&x=y"),
              "postgresql://h:5432/d?user=u&password=***&x=y");
    EXPECT_EQ(shown_store("postgresql://h:5432/d?host=a@b"), "postgresql://h:5432/d?host=a@b");
}

TEST(StoredId, IsOfTheRunAndItsCase) {
    RunRecord run = sample_run();
    const std::string id = stored_id(run);
    EXPECT_TRUE(id.starts_with(run.run + "."));
    RunRecord moved = run;
    moved.machine["host"] = "elsewhere";
    moved.trials.clear();
    EXPECT_EQ(stored_id(moved), id);
    run.parameters["rate"] = "5";
    EXPECT_NE(stored_id(run), id);
}

}  // namespace
}  // namespace faultline
