// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/journal.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "harness/launch/journal_format.hpp"
#include "tests/unit/launch/launch_fixture.hpp"

namespace faultline {
namespace {

using Kind = UndoRecord::Kind;
using Journal = test::LaunchTest;

UndoRecord record_of(Kind kind) {
    UndoRecord record;
    record.kind = kind;
    record.pid = 4711;
    record.start_ticks = 123456789012345;
    record.path = "/tmp/with space \"quote\" \xff";
    record.content = std::string("line\n\0\x80\xc3\xa4 end", 13);
    return record;
}

TEST(UndoRecordText, ReadsBackEveryKindByteForByte) {
    for (const Kind kind : {Kind::kill_process,
                            Kind::continue_process,
                            Kind::thaw_cgroup,
                            Kind::kill_cgroup,
                            Kind::write_file,
                            Kind::remove_path,
                            Kind::disarm_failpoint,
                            Kind::unmount,
                            Kind::kill_marked}) {
        const UndoRecord record = record_of(kind);
        const std::string line = encode(record);
        EXPECT_EQ(line.find('\n'), std::string::npos);
        const auto back = decode_undo(line);
        ASSERT_TRUE(back) << back.error().message;
        EXPECT_EQ(back->kind, kind);
        EXPECT_EQ(back->pid, record.pid);
        EXPECT_EQ(back->start_ticks, record.start_ticks);
        EXPECT_EQ(back->path, record.path);
        EXPECT_EQ(back->content, record.content);
        EXPECT_FALSE(describe(record).empty());
    }
}

TEST(UndoRecordText, RejectsWhatItDoesNotKnow) {
    EXPECT_FALSE(decode_undo(""));
    EXPECT_FALSE(decode_undo("{\"kind\":"));
    EXPECT_FALSE(decode_undo("{}"));
    EXPECT_FALSE(decode_undo("{\"kind\":\"drop_database\"}"));
    EXPECT_FALSE(decode_undo("{\"kind\":\"unmount\",\"path\":7}"));
}

TEST_F(Journal, LivesInAFolderForThisUserOnly) {
    const auto where = journal_folder();
    ASSERT_TRUE(where) << where.error().message;
    struct stat status {};
    ASSERT_EQ(::stat(where->c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700U);
    ::chmod(where->c_str(), 0777);
    EXPECT_FALSE(journal_folder()) << "a folder that everybody may write must be refused";
    ::chmod(where->c_str(), 0700);
}

TEST_F(Journal, RefusesARunIdThatIsNoFileName) {
    EXPECT_FALSE(journal_path("../up"));
    EXPECT_FALSE(journal_path(""));
    EXPECT_TRUE(journal_path("redis-20250101-abc"));
}

std::string line_of(JournalEntry::Kind kind, std::uint64_t number, UndoRecord record = {}) {
    return encode(JournalEntry{kind, number, std::move(record)}) + "\n";
}

UndoRecord removal_of(const std::filesystem::path& path) {
    UndoRecord record;
    record.kind = Kind::remove_path;
    record.path = path;
    return record;
}

JournalHeader dead_header(const std::string& run) {
    JournalHeader header;
    header.run = run;
    header.boot = boot_id();
    header.harness_pid = ::getpid();
    header.harness_start_ticks = 1;  // our pid, but another process
    header.guardian_pid = ::getpid();
    header.guardian_start_ticks = 1;
    return header;
}

TEST_F(Journal, ListsOpenRecordsAndIgnoresATornLine) {
    const std::string text = encode(dead_header("old")) + "\n" +
                             line_of(JournalEntry::Kind::add, 1, removal_of(folder() / "one")) +
                             line_of(JournalEntry::Kind::add, 2, removal_of(folder() / "two")) +
                             line_of(JournalEntry::Kind::done, 1) + "{\"number\":3,\"un";
    ASSERT_TRUE(write_file(journal_path("old").value(), text));
    const auto journals = list_journals();
    ASSERT_TRUE(journals) << journals.error().message;
    ASSERT_EQ(journals->size(), 1U);
    EXPECT_EQ(journals->front().run, "old");
    EXPECT_FALSE(journals->front().owner_alive);
    ASSERT_EQ(journals->front().open.size(), 1U);
    EXPECT_EQ(journals->front().open.front().path, folder() / "two");
}

TEST_F(Journal, RecoversNewestFirstAndRemovesItself) {
    ASSERT_TRUE(make_folder(folder() / "one/two"));
    const std::string text = encode(dead_header("old")) + "\n" +
                             line_of(JournalEntry::Kind::add, 1, removal_of(folder() / "one")) +
                             line_of(JournalEntry::Kind::add, 2, removal_of(folder() / "one/two"));
    ASSERT_TRUE(write_file(journal_path("old").value(), text));
    const auto done = recover(list_journals()->front());
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_THAT(*done,
                testing::ElementsAre("remove " + (folder() / "one/two").string(),
                                     "remove " + (folder() / "one").string()));
    EXPECT_FALSE(std::filesystem::exists(folder() / "one"));
    EXPECT_TRUE(list_journals()->empty());
}

TEST_F(Journal, AfterARebootOnlyFilesAreLeftToUndo) {
    JournalHeader header = dead_header("old");
    header.boot = "another-boot";
    header.harness_start_ticks = process_stat(::getpid())->start_ticks;  // a coincidence
    UndoRecord process;
    process.pid = ::getpid();
    process.start_ticks = header.harness_start_ticks;
    const std::string text = encode(header) + "\n" + line_of(JournalEntry::Kind::add, 1, process) +
                             line_of(JournalEntry::Kind::add, 2, removal_of(folder() / "two"));
    ASSERT_TRUE(write_file(journal_path("old").value(), text));
    const auto journals = list_journals();
    ASSERT_TRUE(journals);
    EXPECT_FALSE(journals->front().same_boot);
    EXPECT_FALSE(journals->front().owner_alive);
    ASSERT_EQ(journals->front().open.size(), 1U);
    EXPECT_EQ(journals->front().open.front().kind, Kind::remove_path);
}

TEST_F(Journal, IsKeptWhenSomethingCannotBeUndone) {
    const std::string text = encode(dead_header("old")) + "\n" +
                             line_of(JournalEntry::Kind::add, 1, removal_of("relative/path"));
    ASSERT_TRUE(write_file(journal_path("old").value(), text));
    const auto done = recover(list_journals()->front());
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message, testing::HasSubstr("refusing to remove"));
    EXPECT_EQ(list_journals()->size(), 1U);
}

TEST_F(Journal, IsLeftAloneWhileItsOwnerLives) {
    JournalHeader header = dead_header("mine");
    header.harness_start_ticks = process_stat(::getpid())->start_ticks;
    ASSERT_TRUE(write_file(journal_path("mine").value(), encode(header) + "\n"));
    const auto journals = list_journals();
    ASSERT_TRUE(journals);
    EXPECT_TRUE(journals->front().owner_alive);
    EXPECT_FALSE(recover(journals->front()));
}

}  // namespace
}  // namespace faultline
