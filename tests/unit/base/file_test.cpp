// SPDX-License-Identifier: Apache-2.0
#include "harness/base/file.hpp"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

using ::testing::HasSubstr;

class FileTest : public ::testing::Test {
  protected:
    FileTest() {
        std::string name = (std::filesystem::temp_directory_path() / "file-test-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~FileTest() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path folder_;
};

TEST_F(FileTest, ReadsBackWhatItWrote) {
    const std::string content = "first\nsecond\0third" + std::string(200'000, 'x');
    ASSERT_TRUE(write_file(folder_ / "a", content));
    const auto back = read_file(folder_ / "a");
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, content);
}

TEST_F(FileTest, ReplacesAFileAndLeavesNothingElse) {
    ASSERT_TRUE(write_file(folder_ / "a", "old and longer"));
    ASSERT_TRUE(write_file(folder_ / "a", "new"));
    EXPECT_EQ(*read_file(folder_ / "a"), "new");
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        EXPECT_EQ(entry.path().filename(), "a");
        ++files;
    }
    EXPECT_EQ(files, 1);
}

TEST_F(FileTest, NamesThePathThatCannotBeRead) {
    const auto absent = read_file(folder_ / "absent");
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().code, ErrorCode::not_found);
    EXPECT_THAT(absent.error().message, HasSubstr((folder_ / "absent").string()));
    EXPECT_FALSE(read_file(folder_));
}

TEST_F(FileTest, NamesThePathThatCannotBeWritten) {
    const auto written = write_file(folder_ / "absent" / "a", "x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::not_found);
    EXPECT_THAT(written.error().message, HasSubstr("absent/a"));
}

TEST_F(FileTest, LeavesTheOldFileWhenTheNewOneCannotBeWritten) {
    ASSERT_TRUE(write_file(folder_ / "a", "old"));
    // A folder where the temporary would go: nobody, not even root, can write that.
    ASSERT_TRUE(make_folder(folder_ / "a.new"));
    EXPECT_FALSE(write_file(folder_ / "a", "new"));
    EXPECT_EQ(*read_file(folder_ / "a"), "old");
}

TEST_F(FileTest, MakesAndRemovesTrees) {
    ASSERT_TRUE(make_folder(folder_ / "x" / "y"));
    ASSERT_TRUE(make_folder(folder_ / "x" / "y"));
    ASSERT_TRUE(write_file(folder_ / "x" / "y" / "a", "content"));
    ASSERT_TRUE(remove_tree(folder_ / "x"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "x"));
    EXPECT_TRUE(remove_tree(folder_ / "x"));
    ASSERT_TRUE(write_file(folder_ / "plain", ""));
    EXPECT_FALSE(make_folder(folder_ / "plain" / "below"));
}

TEST_F(FileTest, WritesControlFilesOnlyWhereTheyAre) {
    ASSERT_TRUE(write_file(folder_ / "control", "0"));
    EXPECT_TRUE(write_control(folder_ / "control", "1"));
    EXPECT_EQ(*read_file(folder_ / "control"), "1");
    EXPECT_FALSE(write_control(folder_ / "absent", "1"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "absent"));
}

TEST(WriteAll, WritesMoreThanAPipeTakesAtATime) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const std::string content(1'000'000, 'y');
    std::size_t received = 0;
    std::thread reader([&received, fd = ends[0]] {
        std::array<char, 4096> chunk{};
        for (ssize_t count = 0; (count = ::read(fd, chunk.data(), chunk.size())) > 0;) {
            received += static_cast<std::size_t>(count);
        }
    });
    UniqueFd writer(ends[1]);
    EXPECT_TRUE(write_all(writer.get(), content));
    writer.reset();
    reader.join();
    ::close(ends[0]);
    EXPECT_EQ(received, content.size());
}

TEST(UniqueFd, ClosesOnceAndHandsOver) {
    UniqueFd first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const int raw = first.get();
    ASSERT_GE(raw, 0);
    UniqueFd second = std::move(first);
    EXPECT_EQ(second.get(), raw);
    EXPECT_GE(::fcntl(raw, F_GETFD), 0);
    second.reset();
    EXPECT_FALSE(second);
    EXPECT_EQ(::fcntl(raw, F_GETFD), -1);
    UniqueFd third(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const int released = third.release();
    EXPECT_FALSE(third);
    EXPECT_EQ(::close(released), 0);
}

TEST(ProgramFolder, IsWhereThisProgramLies) {
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
    EXPECT_EQ(program_folder(), program.parent_path());
}

}  // namespace
}  // namespace faultline
