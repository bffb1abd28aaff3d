// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "harness/base/random.hpp"
#include "harness/base/time.hpp"
#include "harness/launch/process_table.hpp"

namespace faultline::test {

/// How long an event may take on a machine that is busy with everything else.
constexpr Duration patience = std::chrono::seconds(120);

/// Looks again and again until `condition` holds. Returns whether it did within `patience`.
inline bool eventually(const std::function<bool()>& condition) {
    const Instant deadline = now() + patience;
    while (!condition()) {
        if (now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

/// Whether `pid` still executes: there, and no zombie.
inline bool executes(pid_t pid) {
    const auto stat = process_stat(pid);
    return stat && stat->state != 'Z' && stat->state != 'X';
}

/// A name nobody else uses, so that tests can run side by side.
inline std::string unique_name(const std::string& what) {
    return what + "-" + std::to_string(::getpid()) + "-" +
           std::to_string(fresh_seed() % 1000000000);
}

inline std::map<std::string, std::string> plain_environment() {
    return {{"PATH", "/usr/local/bin:/usr/bin:/bin"}};
}

/// A folder of its own; also keeps the journals of the test apart from those of real runs.
class LaunchTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / unique_name("faultline-test");
        ASSERT_TRUE(make_folder(folder_));
        ::setenv("XDG_RUNTIME_DIR", folder_.c_str(), 1);
    }
    void TearDown() override { EXPECT_TRUE(remove_tree(folder_)); }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] std::string text_of(const std::string& name) const {
        return read_file(folder_ / name).value_or("");
    }

  private:
    std::filesystem::path folder_;
};

}  // namespace faultline::test
