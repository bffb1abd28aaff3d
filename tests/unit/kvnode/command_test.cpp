// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/command.hpp"

#include <gtest/gtest.h>

#include "harness/base/resp.hpp"
#include "targets/kvnode/store.hpp"

namespace kvnode {
namespace {

class Command : public testing::Test {
  protected:
    std::string run(const Words& words) {
        const CommandInfo* const command = find_command(words.front());
        if (command == nullptr) return "no command";
        if (std::string wrong = check_words(*command, words); !wrong.empty()) return wrong;
        return command->run(store_, words);
    }

    Store store_;
};

TEST_F(Command, SetKnowsNxXxAndGet) {
    EXPECT_EQ(run({"set", "a", "1", "XX"}), "$-1\r\n");
    EXPECT_EQ(run({"SET", "a", "1", "nx"}), "+OK\r\n");
    EXPECT_EQ(run({"SET", "a", "2", "NX"}), "$-1\r\n");
    EXPECT_EQ(run({"SET", "a", "2", "GET"}), "$1\r\n1\r\n");
    EXPECT_EQ(run({"SET", "a", "3", "NX", "GET"}), "$1\r\n2\r\n");
    EXPECT_EQ(run({"GET", "a"}), "$1\r\n2\r\n");
    EXPECT_EQ(run({"SET", "b", "3", "XX", "GET"}), "$-1\r\n");
    EXPECT_EQ(run({"GET", "b"}), "$-1\r\n");
    EXPECT_TRUE(run({"SET", "a", "3", "NX", "XX"}).starts_with("-ERR syntax"));
    EXPECT_TRUE(run({"SET", "a", "3", "EX", "5"}).starts_with("-ERR syntax"));
}

TEST_F(Command, NumbersAreCountedAndDoNotOverflow) {
    EXPECT_EQ(run({"INCR", "n"}), ":1\r\n");
    EXPECT_EQ(run({"INCRBY", "n", "41"}), ":42\r\n");
    EXPECT_EQ(run({"DECRBY", "n", "2"}), ":40\r\n");
    EXPECT_EQ(run({"DECR", "n"}), ":39\r\n");
    EXPECT_TRUE(run({"INCRBY", "n", "x"}).starts_with("-ERR value is not an integer"));
    EXPECT_EQ(run({"SET", "n", "9223372036854775807"}), "+OK\r\n");
    EXPECT_TRUE(run({"INCR", "n"}).starts_with("-ERR increment"));
    EXPECT_TRUE(run({"DECRBY", "n", "-9223372036854775808"}).starts_with("-ERR"));
    EXPECT_EQ(run({"SET", "t", "abc"}), "+OK\r\n");
    EXPECT_TRUE(run({"INCR", "t"}).starts_with("-ERR value is not an integer"));
}

TEST_F(Command, ManyKeysAtOnce) {
    EXPECT_EQ(run({"MSET", "a", "1", "b", "2"}), "+OK\r\n");
    EXPECT_EQ(run({"MGET", "a", "c", "b"}), "*3\r\n$1\r\n1\r\n$-1\r\n$1\r\n2\r\n");
    EXPECT_EQ(run({"EXISTS", "a", "a", "c"}), ":2\r\n");
    EXPECT_EQ(run({"DEL", "a", "c", "b"}), ":2\r\n");
    EXPECT_EQ(run({"DBSIZE"}), ":0\r\n");
    EXPECT_TRUE(run({"MSET", "a", "1", "b"}).starts_with("-ERR wrong number"));
}

TEST_F(Command, AppendGrowsUpToTheLimit) {
    EXPECT_EQ(run({"APPEND", "a", "12"}), ":2\r\n");
    EXPECT_EQ(run({"APPEND", "a", "3"}), ":3\r\n");
    EXPECT_EQ(run({"STRLEN", "a"}), ":3\r\n");
    const std::string large((std::size_t{8} << 20) - 2, 'x');
    EXPECT_TRUE(run({"APPEND", "a", large}).starts_with("-ERR string exceeds"));
    EXPECT_EQ(run({"GET", "a"}), "$3\r\n123\r\n");
}

TEST_F(Command, WrongNumbersOfWordsAreNamed) {
    EXPECT_EQ(run({"GET"}), "ERR wrong number of arguments for 'get' command");
    EXPECT_EQ(run({"GET", "a", "b"}), "ERR wrong number of arguments for 'get' command");
    EXPECT_EQ(find_command("NOPE"), nullptr);
    EXPECT_EQ(find_command(std::string(1000, 'a')), nullptr);
}

TEST_F(Command, AgreedWritesAreAppliedFromTheirBytes) {
    std::string bytes;
    faultline::append_command(bytes, {"incr", "n"});
    EXPECT_EQ(store_.apply(bytes), ":1\r\n");
    EXPECT_TRUE(store_.apply("*1\r\n$4\r\nPING\r\n").starts_with("-ERR"));
    EXPECT_TRUE(store_.apply("nonsense").starts_with("-ERR"));
}

TEST(CommandTable, EveryDataCommandCanRun) {
    for (const CommandInfo& command : commands())
        EXPECT_EQ(command.run == nullptr, command.kind == CommandKind::session) << command.name;
}

}  // namespace
}  // namespace kvnode
