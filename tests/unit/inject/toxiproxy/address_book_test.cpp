// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/address_book.hpp"

#include <gtest/gtest.h>

namespace faultline::link {
namespace {

TEST(AddressBook, LooksUpNamesAndNothingElse) {
    EXPECT_EQ(host_to_look_up("db:5432"), "db");
    EXPECT_EQ(host_to_look_up("db.example.org:5432"), "db.example.org");
    for (const char* address : {"127.0.0.1:80",
                                "[::1]:80",
                                "localhost:80",
                                ":80",
                                "unix:/run/a:b",
                                "no-port",
                                "::1:80",
                                ""}) {
        EXPECT_EQ(host_to_look_up(address), "") << address;
    }
}

TEST(AddressBook, PutsNumbersWhereItHasSome) {
    AddressBook book;
    book.hosts["db"].numbers = {"10.0.0.7", "10.0.0.8"};
    book.hosts["six"].numbers = {"fe80::1"};
    book.hosts["gone"].error = "Host not found";
    EXPECT_EQ(address_to_listen_at("db:5432", book), "10.0.0.7:5432");
    EXPECT_EQ(address_to_connect_to("db:5432", book), "10.0.0.7:5432");
    EXPECT_EQ(address_to_connect_to("six:5432", book), "[fe80::1]:5432");
    EXPECT_EQ(address_to_connect_to("127.0.0.1:5432", book), "127.0.0.1:5432");
    EXPECT_EQ(address_to_listen_at("gone:5432", book).error().message,
              "listen tcp: lookup gone: Host not found");
    EXPECT_TRUE(address_to_connect_to("gone:5432", book)) << "nowhere, until it appears";
    EXPECT_EQ(address_to_connect_to("gone:x", book).error().status, 400);
}

TEST(AddressBook, KnowsTheSpellingsOfTheLoopback) {
    EXPECT_TRUE(same_address("localhost:80", "127.0.0.1:80"));
    EXPECT_TRUE(same_address(":80", "localhost:80"));
    EXPECT_FALSE(same_address("localhost:80", "localhost:81"));
    EXPECT_FALSE(same_address("10.0.0.1:80", "localhost:80"));
    EXPECT_TRUE(same_address("unix:/a", "unix:/a"));
    EXPECT_FALSE(same_address("unix:/a", "unix:/b"));
}

}  // namespace
}  // namespace faultline::link
