// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/store.hpp"

#include <map>

#include <gtest/gtest.h>

#include "harness/base/random.hpp"

namespace kvnode {
namespace {

using Contents = std::map<std::string, std::string>;

std::string all_pieces(ftcore::SnapshotSource& source) {
    std::string all;
    for (std::string piece = source.next(); !piece.empty(); piece = source.next())
        all += piece;
    return all;
}

void expect_holds(const Store& store, const Contents& contents) {
    EXPECT_EQ(store.size(), contents.size());
    for (const auto& [key, value] : contents)
        EXPECT_EQ(store.get(key), value) << key;
}

TEST(Store, CountsKeysAndBytes) {
    Store store;
    store.set("a", "12345");
    store.set("a", "1");
    store.set("bb", "");
    EXPECT_EQ(store.size(), 2U);
    EXPECT_EQ(store.bytes(), 4U);
    EXPECT_TRUE(store.erase("a"));
    EXPECT_FALSE(store.erase("a"));
    EXPECT_EQ(store.bytes(), 2U);
}

TEST(StoreSnapshot, IsOfOneMomentWhateverChangesMeanwhile) {
    faultline::Random random(7);
    for (int round = 0; round < 5; ++round) {
        Store store;
        Contents before;
        for (int key = 0; key < 20000; ++key) {
            const std::string name = "key" + std::to_string(random.below(30000));
            before[name] = std::string(random.below(100), 'v');
            store.set(name, before[name]);
        }
        const auto source = store.snapshot();
        std::string all;
        for (std::string piece = source->next(); !piece.empty(); piece = source->next()) {
            all += piece;
            for (int change = 0; change < 300; ++change) {
                const std::string name = "key" + std::to_string(random.below(40000));
                if (random.below(3) == 0)
                    store.erase(name);
                else
                    store.set(name, "changed");
            }
        }
        Store restored;
        restored.restore_begin();
        for (std::size_t at = 0; at < all.size();) {
            const std::size_t bytes = 1 + random.below(100000);
            ASSERT_TRUE(restored.restore_piece(std::string_view(all).substr(at, bytes)));
            at += bytes;
        }
        ASSERT_TRUE(restored.restore_end());
        expect_holds(restored, before);
    }
}

TEST(StoreSnapshot, OfAnEmptyStoreHasNoPieces) {
    Store store;
    EXPECT_EQ(store.snapshot()->next(), "");
}

TEST(StoreSnapshot, MayOutliveTheStateItWasTakenFrom) {
    Store store;
    store.set("a", "b");
    const auto source = store.snapshot();
    store.restore_begin();
    ASSERT_TRUE(store.restore_end());
    EXPECT_EQ(all_pieces(*source), "");
    EXPECT_EQ(store.size(), 0U);
    EXPECT_EQ(store.snapshot()->next(), "");  // and another may be taken
}

TEST(StoreSnapshot, ThatEndsInsideARecordIsRefused) {
    Store store;
    store.set("key", "value");
    const std::string all = all_pieces(*store.snapshot());
    Store restored;
    restored.restore_begin();
    ASSERT_TRUE(restored.restore_piece(std::string_view(all).substr(0, all.size() - 1)));
    EXPECT_FALSE(restored.restore_end());
}

}  // namespace
}  // namespace kvnode
