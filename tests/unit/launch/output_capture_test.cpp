// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/output_capture.hpp"

#include <fcntl.h>
#include <sstream>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>

#include "tests/unit/launch/launch_fixture.hpp"

namespace faultline {
namespace {

class Capture : public test::LaunchTest {
  protected:
    void SetUp() override {
        LaunchTest::SetUp();
        int ends[2] = {-1, -1};
        ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
        reader_ = UniqueFd(ends[0]);
        writer_ = UniqueFd(ends[1]);
        auto file = OutputFile::open(folder(), "stdout");
        ASSERT_TRUE(file) << file.error().message;
        file_ = std::move(*file);
        capture_ = std::make_unique<OutputCapture>(
            loop_, std::move(reader_), file_, [this](std::string_view line, Instant arrived) {
                lines_.emplace_back(line);
                arrivals_.push_back(arrived);
            });
    }
    void say(std::string_view text) { ASSERT_TRUE(write_all(writer_.get(), text)); }
    bool has_lines(std::size_t count) {
        return loop_.wait_until(now() + test::patience, [&] { return lines_.size() >= count; });
    }
    bool ends() {
        writer_.reset();
        return loop_.wait_until(now() + test::patience, [&] { return capture_->closed(); });
    }

    Loop loop_;
    UniqueFd reader_;
    UniqueFd writer_;
    OutputFile file_;
    std::vector<std::string> lines_;
    std::vector<Instant> arrivals_;
    std::unique_ptr<OutputCapture> capture_;
};

TEST_F(Capture, ReportsLinesWithTheInstantOfTheirArrival) {
    const Instant before = now();
    say("one\n");
    ASSERT_TRUE(has_lines(1));
    const Instant between = now();
    say("\ntwo\n");
    ASSERT_TRUE(has_lines(3));
    EXPECT_THAT(lines_, testing::ElementsAre("one", "", "two"));
    EXPECT_LE(before, arrivals_[0]);
    EXPECT_LE(arrivals_[0], between);
    EXPECT_LE(between, arrivals_[1]);
}

TEST_F(Capture, JoinsALineThatComesInPieces) {
    say("he");
    loop_.run_until(now());
    say("llo\nwor");
    ASSERT_TRUE(has_lines(1));
    say("ld\n");
    ASSERT_TRUE(has_lines(2));
    EXPECT_THAT(lines_, testing::ElementsAre("hello", "world"));
}

TEST_F(Capture, ReportsALastLineWithoutNewline) {
    say("one\nlast");
    ASSERT_TRUE(ends());
    EXPECT_THAT(lines_, testing::ElementsAre("one", "last"));
}

TEST_F(Capture, CutsLinesThatNeverEnd) {
    const std::string part(40 * 1024, 'x');
    say(part);
    loop_.run_until(now());
    capture_->drain();
    say(part);
    ASSERT_TRUE(has_lines(1));
    EXPECT_GE(lines_[0].size(), 64U * 1024);
    EXPECT_LT(lines_[0].size(), 200U * 1024);
}

TEST_F(Capture, StampsEachLineWithItsOffset) {
    say("one\ntwo\n\nthree");
    ASSERT_TRUE(ends());
    EXPECT_EQ(text_of("stdout"), "one\ntwo\n\nthree");
    std::istringstream stamps(text_of("stdout.stamps"));
    std::vector<std::uint64_t> offsets;
    std::vector<std::int64_t> instants;
    std::uint64_t offset = 0;
    for (std::int64_t instant = 0; stamps >> instant >> offset;) {
        instants.push_back(instant);
        offsets.push_back(offset);
    }
    EXPECT_THAT(offsets, testing::ElementsAre(0U, 4U, 8U, 9U));
    ASSERT_EQ(instants.size(), arrivals_.size());
    EXPECT_EQ(instants[1], nanoseconds_of(arrivals_[1]));
}

TEST_F(Capture, DrainsWithoutWaitingForTheWriterToClose) {
    say("last words\n");
    capture_->drain();
    EXPECT_THAT(lines_, testing::ElementsAre("last words"));
    EXPECT_FALSE(capture_->closed());
}

TEST_F(Capture, MayBeDestroyedWhileTheLoopStillHasItsHandler) {
    say("unread\n");
    capture_.reset();
    loop_.run_until(now());
    EXPECT_THAT(lines_, testing::IsEmpty());
}

TEST_F(Capture, StopsWritingAtTheLimitAndSaysSo) {
    const std::string block(1 << 20, 'x');
    for (int count = 0; count < 65; ++count)
        file_.append(block);
    EXPECT_EQ(file_.offset(), 65U << 20);
    EXPECT_EQ(file_.dropped(), 1U << 20);
    file_.close();
    EXPECT_LT(std::filesystem::file_size(folder() / "stdout"), (64U << 20) + 200);
    const std::string text = text_of("stdout");
    EXPECT_THAT(text.substr(text.size() - 100), testing::HasSubstr("dropped 1048576 bytes"));
}

}  // namespace
}  // namespace faultline
