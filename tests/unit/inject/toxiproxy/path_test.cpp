// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "harness/inject/link/toxiproxy/routes.hpp"

namespace faultline::link {
namespace {

using Segments = std::vector<std::string>;

TEST(Path, IsCutAtSlashesAndDecoded) {
    EXPECT_EQ(path_segments("/proxies"), (Segments{"proxies"}));
    EXPECT_EQ(path_segments("/proxies/a%2Fb/toxics?x=/y"), (Segments{"proxies", "a/b", "toxics"}));
    EXPECT_EQ(path_segments("/proxies/"), (Segments{"proxies", ""}));
    EXPECT_EQ(path_segments("//"), (Segments{"", ""}));
    EXPECT_EQ(path_segments(""), (Segments{""}));
    EXPECT_EQ(path_segments("/%c3%a9"), (Segments{"\xc3\xa9"}));
}

TEST(Path, RefusesBrokenEscapes) {
    for (const char* target : {"/%", "/%2", "/%zz", "/a%2", "/%+1", "/% 1"})
        EXPECT_FALSE(path_segments(target)) << target;
}

}  // namespace
}  // namespace faultline::link
