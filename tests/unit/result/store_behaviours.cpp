// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/result/store_behaviours.hpp"

#include <cmath>
#include <soci/soci.h>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/result/store.hpp"
#include "harness/result/store_pack.hpp"
#include "harness/result/store_schema.hpp"
#include "harness/result/store_session.hpp"
#include "tests/unit/result/sample_run.hpp"

namespace faultline {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

template <class T>
std::string trouble_of(const Result<T>& result) {
    return result ? std::string("no error") : result.error().message;
}

Store opened(const std::string& where) {
    auto store = Store::open(where);
    EXPECT_TRUE(store) << trouble_of(store);
    return *std::move(store);
}

void put(Store& store, const RunRecord& run) {
    const auto done = store.put(run, "results/" + run.run);
    EXPECT_TRUE(done) << trouble_of(done);
}

RunRecord run_named(const std::string& id, const std::string& started) {
    RunRecord run = sample_run();
    run.run = id;
    run.started = started;
    run.trials.resize(2);
    return run;
}

std::vector<std::string> own_ids(const Result<std::vector<StoredRun>>& runs) {
    std::vector<std::string> ids;
    EXPECT_TRUE(runs) << trouble_of(runs);
    for (const StoredRun& run : *runs)
        ids.push_back(run.run.substr(0, run.run.find('.')));
    return ids;
}

/// Through the encoding of result directories, which is what a run is.
void expect_same(const RunRecord& a, const RunRecord& b) {
    EXPECT_EQ(encode_manifest(a), encode_manifest(b));
    ASSERT_EQ(a.trials.size(), b.trials.size());
    for (std::size_t index = 0; index < a.trials.size(); ++index)
        EXPECT_EQ(encode_trial(a.trials[index]), encode_trial(b.trials[index]));
    ASSERT_EQ(a.summary.has_value(), b.summary.has_value());
    if (!a.summary) return;
    EXPECT_EQ(encode_summary(*a.summary, a.instrument), encode_summary(*b.summary, b.instrument));
}

void gives_a_run_back_whole(const std::string& where) {
    Store store = opened(where);
    RunRecord failed = sample_failed_run();
    failed.run = "failed";
    put(store, sample_run());
    put(store, failed);
    const auto back = store.get("sentinel");
    ASSERT_TRUE(back) << trouble_of(back);
    expect_same(*back, sample_run());
    Store again = opened(where);
    const auto back_again = again.get("failed");
    ASSERT_TRUE(back_again) << trouble_of(back_again);
    expect_same(*back_again, failed);
}

void takes_a_long_run_and_one_that_was_not_finished(const std::string& where) {
    constexpr int trials = 700;  // more than one part
    Store store = opened(where);
    RunRecord run = sample_run();
    run.summary.reset();
    run.trials.clear();
    for (int number = 1; number <= trials; ++number)
        run.trials.push_back(sample_trial(number));
    put(store, run);
    const auto listed = store.history({});
    ASSERT_TRUE(listed) << trouble_of(listed);
    EXPECT_EQ(listed->front().outcome, "unfinished");
    EXPECT_EQ(listed->front().fault_trials, 700U);
    EXPECT_EQ(listed->front().recovery_p50, std::nullopt);
    const auto back = store.get(stored_id(run));
    ASSERT_TRUE(back) << trouble_of(back);
    expect_same(*back, run);
}

void puts_a_run_in_the_place_of_itself(const std::string& where) {
    Store store = opened(where);
    put(store, sample_run());
    RunRecord completed = sample_run();
    completed.trials.pop_back();
    completed.summary->outcome = RunOutcome::fail;
    put(store, completed);
    const auto listed = store.history({});
    ASSERT_TRUE(listed) << trouble_of(listed);
    ASSERT_THAT(*listed, SizeIs(1));
    EXPECT_EQ(listed->front().outcome, "fail");
    expect_same(*store.get(listed->front().run), completed);
}

void lists_the_newest_first(const std::string& where) {
    Store store = opened(where);
    put(store, run_named("second", "2026-02-01T00:00:00Z"));
    put(store, run_named("third", "2026-03-01T00:00:00Z"));
    RunRecord other = run_named("first", "2026-01-01T00:00:00Z");
    other.scenario_name = "other";
    put(store, other);
    EXPECT_THAT(own_ids(store.history({})), ElementsAre("third", "second", "first"));
    EXPECT_THAT(own_ids(store.history({.last = 2})), ElementsAre("third", "second"));
    EXPECT_THAT(own_ids(store.history({.scenario = "other"})), ElementsAre("first"));
    EXPECT_THAT(*store.scenarios(), ElementsAre("other", "sentinel-primary-crash"));
    EXPECT_THAT(*store.ids(), SizeIs(3));
}

void lists_what_matters_of_a_run(const std::string& where) {
    Store store = opened(where);
    RunRecord run = sample_failed_run();
    run.machine["host"] = "rack-7";
    run.parameters = {{"nodes", "3"}, {"rate", "500"}};
    put(store, run);
    const StoredRun listed = store.history({})->front();
    EXPECT_EQ(listed.scenario, "sentinel-primary-crash");
    EXPECT_EQ(listed.case_key, "nodes=3,rate=500");
    EXPECT_EQ(listed.host, "rack-7");
    EXPECT_EQ(listed.outcome, "fail");
    EXPECT_EQ(listed.fault_trials, 18U);
    EXPECT_EQ(listed.control_trials, 2U);
    EXPECT_EQ(listed.invalid_trials, 2U);
    EXPECT_EQ(listed.detection_p50, 1050e6);
    EXPECT_EQ(listed.recovery_p95, 1389e6);
    EXPECT_EQ(listed.success_mean, 0.721);
    EXPECT_EQ(listed.lost_writes, 2U);
    EXPECT_TRUE(std::filesystem::path(listed.directory).is_absolute());
    const auto found = store.find(listed.run);
    ASSERT_TRUE(found) << trouble_of(found);
    EXPECT_EQ(found->case_key, listed.case_key);
}

void finds_a_run_by_the_beginning_of_its_id(const std::string& where) {
    Store store = opened(where);
    RunRecord run = run_named("k3xw9p", "2026-02-01T00:00:00Z");
    run.parameters["rate"] = "500";
    put(store, run);
    run.parameters["rate"] = "1000";
    put(store, run);
    put(store, run_named("k4aaaa", "2026-02-01T00:00:00Z"));
    EXPECT_EQ(store.get("k4")->run, "k4aaaa");
    EXPECT_EQ(store.get(stored_id(run))->parameters["rate"], "1000");
    EXPECT_THAT(trouble_of(store.get("k3xw9p")),
                AllOf(HasSubstr("begins the ids of 2 runs"), HasSubstr("rate=500")));
    EXPECT_THAT(trouble_of(store.get("k4aaba")), HasSubstr("did you mean \"k4aaaa\""));
    EXPECT_EQ(store.get("k%").error().code, ErrorCode::not_found);
    EXPECT_EQ(store.get("").error().code, ErrorCode::invalid);
}

void takes_any_text_for_text(const std::string& where) {
    Store store = opened(where);
    const std::string hostile = "x'); drop table faultline_runs; -- :name $1 ? \"\\";
    RunRecord run = sample_run();
    run.scenario_name = hostile;
    run.run = "a:b'c";
    run.parameters = {{"k", std::string("nul\0 in it, \xff and \xe2\x9c\x93", 21)}};
    run.machine["host"] = hostile;
    put(store, run);
    put(store, sample_run());
    EXPECT_THAT(own_ids(store.history({.scenario = hostile})), ElementsAre("a:b'c"));
    EXPECT_EQ(store.find("a:b'c")->host, hostile);
    EXPECT_EQ(store.find("a:b'c")->case_key, "k=nul in it, \xef\xbf\xbd and \xe2\x9c\x93");
    EXPECT_THAT(own_ids(store.history({})), SizeIs(2));
}

void follows_a_measure_from_run_to_run(const std::string& where) {
    Store store = opened(where);
    for (int month = 1; month <= 4; ++month) {
        RunRecord run =
            run_named(fmt::format("run{}", month), fmt::format("2026-{:02}-01T00:00:00Z", month));
        SpanSummary& recovery = run.summary->injections[0].spans["recovery_time"];
        recovery.p50 = month * 1e9;
        recovery.p50_interval = {month * 1e9 - 5, month == 4 ? INFINITY : month * 1e9 + 5};
        put(store, run);
    }
    const auto points = store.trend(
        {.scenario = "sentinel-primary-crash", .measure = "recovery_time.p50", .last = 3});
    ASSERT_TRUE(points) << trouble_of(points);
    ASSERT_THAT(*points, SizeIs(3));
    EXPECT_EQ(points->front().value, 2e9);
    EXPECT_EQ(points->front().interval.high, 2e9 + 5);
    EXPECT_EQ(points->front().n, 20U);
    EXPECT_EQ(points->back().value, 4e9);
    EXPECT_EQ(points->back().interval.high, INFINITY);
    EXPECT_THAT(*store.measures("sentinel-primary-crash"),
                testing::IsSupersetOf(
                    {"detection_time.p95", "lost_writes.total", "recovered", "success_rate.mean"}));
    EXPECT_THAT(*store.measures("nothing"), SizeIs(0));
    EXPECT_THAT(*store.trend({.scenario = "x", .measure = "y"}), SizeIs(0));
}

void forgets_everything_when_cleared(const std::string& where) {
    Store store = opened(where);
    put(store, sample_run());
    ASSERT_TRUE(store.clear());
    EXPECT_THAT(*store.ids(), SizeIs(0));
    EXPECT_EQ(store.get("sentinel").error().code, ErrorCode::not_found);
    put(store, sample_run());
    expect_same(*store.get("sentinel"), sample_run());
}

/// All begin on an empty database, so that making the tables is raced for too.
void loses_nothing_of_many_writers(const std::string& where) {
    constexpr int writers = 6;
    constexpr int runs_each = 4;
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer) {
        threads.emplace_back([writer, &where] {
            Store store = opened(where);
            for (int number = 0; number < runs_each; ++number) {
                put(store,
                    run_named(fmt::format("w{}n{}", writer, number), "2026-01-01T00:00:00Z"));
                put(store, run_named("shared", "2026-01-01T00:00:00Z"));  // by all of them
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    Store store = opened(where);
    const auto ids = store.ids();
    ASSERT_TRUE(ids) << trouble_of(ids);
    EXPECT_THAT(*ids, SizeIs(writers * runs_each + 1));
    for (const std::string& id : *ids) {
        const auto run = store.get(id);
        ASSERT_TRUE(run) << trouble_of(run);
        EXPECT_THAT(run->trials, SizeIs(2));
    }
}

/// As the first version wrote it.
void brings_an_older_schema_up(const std::string& where) {
    const RunRecord run = sample_run();
    const std::string id = stored_id(run);
    RunRecord manifest = run;
    manifest.trials.clear();
    const auto document = [&](const std::string& name, const std::string& content) {
        return fmt::format("insert into faultline_documents values ('{}', '{}', 0, '{}')",
                           id,
                           name,
                           pack_document(content));
    };
    send_statements(
        where,
        {"create table faultline_schema (version bigint not null)",
         "insert into faultline_schema values (1)",
         "create table faultline_runs (run text primary key, scenario text not null,"
         " case_key text not null, started text not null, started_ms bigint not null,"
         " host text not null, directory text not null, version text not null,"
         " outcome text not null, fault_trials bigint not null, control_trials bigint not null,"
         " invalid_trials bigint not null)",
         "create table faultline_documents (run text not null, name text not null,"
         " part bigint not null, content text not null, primary key (run, name, part))",
         "create table faultline_measures (run text not null, name text not null,"
         " value double precision, primary key (run, name))",
         fmt::format("insert into faultline_runs values ('{}', 'sentinel-primary-crash', '',"
                     " '2026-11-22T10:15:00Z', 5, 'rack-7', '/r', '0.1.0', 'pass', 20, 2, 0)",
                     id),
         fmt::format("insert into faultline_measures values ('{}', 'recovery_time.p50', 1)", id),
         document("run.json", encode_manifest(manifest)),
         document("summary.json", encode_summary(*run.summary, run.instrument)),
         document("trials.jsonl", encode_trial(run.trials[0]) + "\n")});
    Store store = opened(where);
    EXPECT_EQ(store.history({})->front().host, "rack-7");
    EXPECT_EQ(store.get("sentinel")->trials.size(), 1U);
    const auto points =
        store.trend({.scenario = "sentinel-primary-crash", .measure = "recovery_time.p50"});
    ASSERT_TRUE(points) << trouble_of(points);
    ASSERT_THAT(*points, SizeIs(1));
    EXPECT_EQ(points->front().value, 1380e6);
    EXPECT_EQ(points->front().interval.low, 1375e6);
    put(store, run_named("next", "2026-12-01T00:00:00Z"));
    EXPECT_THAT(*opened(where).ids(), SizeIs(2));
}

void refuses_a_newer_schema(const std::string& where) {
    static_cast<void>(opened(where));
    send_statements(where, {"update faultline_schema set version = 99"});
    EXPECT_THAT(trouble_of(Store::open(where)),
                AllOf(HasSubstr("newer faultline (schema 99, this one knows 2)"),
                      HasSubstr("faultline history import DIR --store PATH")));
}

}  // namespace

void send_statements(const std::string& where, const std::vector<std::string>& statements) {
    auto session = StoreSession::connect(where, StoreSession::Missing::make);
    ASSERT_TRUE(session) << trouble_of(session);
    const auto sent =
        session->transaction("the test", StoreSession::Access::write, [&](soci::session& sql) {
            for (const std::string& statement : statements)
                sql << statement;
            return Result<>();
        });
    ASSERT_TRUE(sent) << trouble_of(sent);
}

const std::vector<StoreBehaviour>& store_behaviours() {
    static const std::vector<StoreBehaviour> behaviours{
        {"GivesARunBackWhole", gives_a_run_back_whole},
        {"TakesALongRunAndOneThatWasNotFinished", takes_a_long_run_and_one_that_was_not_finished},
        {"PutsARunInThePlaceOfItself", puts_a_run_in_the_place_of_itself},
        {"ListsTheNewestFirst", lists_the_newest_first},
        {"ListsWhatMattersOfARun", lists_what_matters_of_a_run},
        {"FindsARunByTheBeginningOfItsId", finds_a_run_by_the_beginning_of_its_id},
        {"TakesAnyTextForText", takes_any_text_for_text},
        {"FollowsAMeasureFromRunToRun", follows_a_measure_from_run_to_run},
        {"ForgetsEverythingWhenCleared", forgets_everything_when_cleared},
        {"LosesNothingOfManyWriters", loses_nothing_of_many_writers},
        {"BringsAnOlderSchemaUp", brings_an_older_schema_up},
        {"RefusesANewerSchema", refuses_a_newer_schema}};
    return behaviours;
}

}  // namespace faultline
