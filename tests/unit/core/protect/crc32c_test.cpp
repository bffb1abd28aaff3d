// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/crc32c.hpp"

#include <string>

#include <gtest/gtest.h>

namespace ftcore {
namespace {

TEST(Crc32c, GivesTheCheckValueOfNineDigits) {
    EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
}

// Source: RFC 3720, appendix B.4.
TEST(Crc32c, GivesTheValuesOfTheRfc) {
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
    EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
    std::string rising;
    std::string falling;
    for (int byte = 0; byte < 32; ++byte) {
        rising.push_back(static_cast<char>(byte));
        falling.push_back(static_cast<char>(31 - byte));
    }
    EXPECT_EQ(crc32c(rising), 0x46dd794eU);
    EXPECT_EQ(crc32c(falling), 0x113fdb5cU);
}

TEST(Crc32c, ChainsOverPieces) {
    const std::string text = "the quick brown fox jumps over the lazy dog, again and again";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        EXPECT_EQ(crc32c(std::string_view(text).substr(cut), crc32c(text.substr(0, cut))),
                  crc32c(text));
    }
}

TEST(Crc32c, IsZeroForNothing) {
    EXPECT_EQ(crc32c(""), 0U);
}

}  // namespace
}  // namespace ftcore
