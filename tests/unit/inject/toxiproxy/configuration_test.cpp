// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/configuration.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/check.hpp"
#include "harness/base/file.hpp"

namespace faultline::link {
namespace {

using ::testing::HasSubstr;

/// A file that goes with the object.
class File {
  public:
    explicit File(const std::string& content) {
        std::string name =
            (std::filesystem::temp_directory_path() / "toxiproxy-XXXXXX.json").string();
        const int fd = ::mkstemps(name.data(), 5);
        FL_CHECK(fd >= 0);
        const UniqueFd owned(fd);
        path = name;
        std::ofstream(path) << content;
    }
    ~File() { std::filesystem::remove(path); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    std::filesystem::path path;
};

TEST(Configuration, IsTheArrayOfPopulate) {
    const File file(R"([
  {"name": "a", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1", "enabled": false},
  {"name": "b", "upstream": "127.0.0.1:2",
   "toxics": [{"type": "latency", "attributes": {"latency": 5}}]}
])");
    const auto read = read_configuration(file.path);
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->findings.empty());
    ASSERT_EQ(read->proxies.size(), 2U);
    EXPECT_FALSE(read->proxies[0].enabled);
    EXPECT_EQ(read->proxies[1].toxics.size(), 1U);
}

TEST(Configuration, ShowsEveryMistakeWithItsPlaceReasonAndRemedy) {
    const File file(R"([
  {"name": "a", "upstrem": "127.0.0.1:1"},
  {"name": "b", "upstream": "127.0.0.1:2",
   "toxics": [{"type": "latancy"}, {"type": "latency", "latency": 77},
              {"type": "latency", "name": "z", "attributes": {"jitter": -1}}]}
])");
    const auto read = read_configuration(file.path);
    ASSERT_TRUE(read);
    std::string all;
    for (const Diagnostic& one : read->findings.diagnostics())
        all += format_diagnostic(one) + "\n";
    const std::string name = file.path.string();
    EXPECT_THAT(all, HasSubstr(name + ":2:17: /0/upstrem: unknown key \"upstrem\""));
    EXPECT_THAT(all, HasSubstr(name + ":2:3: /0: missing required field: upstream at proxy 1"));
    EXPECT_THAT(all, HasSubstr(name + ":4:24: /1/toxics/0/type: invalid toxic type: \"latancy\""));
    EXPECT_THAT(all, HasSubstr(name + ":4:56: /1/toxics/1/latency: misplaced key"));
    EXPECT_THAT(all, HasSubstr(name + ":5:73: /1/toxics/2/attributes/jitter: the number -1"));
}

TEST(Configuration, ThatCannotBeReadIsAnError) {
    EXPECT_FALSE(read_configuration("/nonexistent/toxiproxy.json"));
    const File file("[{\"name\": }]");
    const auto read = read_configuration(file.path);
    ASSERT_TRUE(read);
    EXPECT_THAT(format_diagnostic(read->findings.diagnostics().at(0)), HasSubstr(":1:11: "));
}

}  // namespace
}  // namespace faultline::link
