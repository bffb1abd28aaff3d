// SPDX-License-Identifier: Apache-2.0
#include "harness/base/base64.hpp"

#include <gtest/gtest.h>

#include "harness/base/random.hpp"

namespace faultline {
namespace {

std::string encoded(std::string_view bytes) {
    std::string out;
    append_base64(out, bytes);
    return out;
}

// RFC 4648 section 10.
TEST(Base64, EncodesTheExamplesOfItsRfc) {
    EXPECT_EQ(encoded(""), "");
    EXPECT_EQ(encoded("f"), "Zg==");
    EXPECT_EQ(encoded("fo"), "Zm8=");
    EXPECT_EQ(encoded("foo"), "Zm9v");
    EXPECT_EQ(encoded("foob"), "Zm9vYg==");
    EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
    EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64, DecodesWhatItEncodes) {
    Random random(7);
    for (std::size_t size = 0; size < 200; ++size) {
        std::string bytes;
        for (std::size_t i = 0; i < size; ++i)
            bytes += static_cast<char>(random.below(256));
        EXPECT_EQ(decode_base64(encoded(bytes)), bytes);
    }
}

TEST(Base64, RefusesWhatIsNone) {
    for (const char* text : {"Zg", "Zg=", "Z===", "====", "Zm9v!A==", "Zg==Zg==", "Zm 9v==="})
        EXPECT_FALSE(decode_base64(text)) << text;
}

}  // namespace
}  // namespace faultline
