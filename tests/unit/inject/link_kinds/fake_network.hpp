// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/inject/link/link_victim.hpp"

namespace faultline::testing {

/// What a fault asks of a kernel. Thread: any.
class FakeNetwork final : public KernelNetwork {
  public:
    Result<> cut(const std::vector<Path>& paths) override { return change(paths, 1); }
    Result<> heal(const std::vector<Path>& paths) override { return change(paths, -1); }
    Result<> lose(const std::vector<Path>& paths, double share) override {
        const std::scoped_lock lock(mutex_);
        for (const Path& path : paths)
            losses_[spelled(path)] = share;
        return {};
    }
    Result<std::uint64_t> dropped(const Path& path) override {
        const std::scoped_lock lock(mutex_);
        return drops_[spelled(path)];
    }
    std::string mechanism() const override { return "a pretended kernel"; }

    void drop(const std::string& path) {
        const std::scoped_lock lock(mutex_);
        ++drops_[path];
    }
    void let_fail() {
        const std::scoped_lock lock(mutex_);
        fails_ = true;
    }
    [[nodiscard]] std::vector<std::string> cuts() const {
        const std::scoped_lock lock(mutex_);
        std::vector<std::string> all;
        for (const auto& [path, depth] : depths_) {
            EXPECT_TRUE(depth == 0 || depth == 1) << path;
            if (depth > 0) all.push_back(path);
        }
        return all;
    }
    [[nodiscard]] std::map<std::string, double> losses() const {
        const std::scoped_lock lock(mutex_);
        return losses_;
    }
    [[nodiscard]] int changes() const {
        const std::scoped_lock lock(mutex_);
        return changes_;
    }

  private:
    static std::string spelled(const Path& path) { return path.from + ">" + path.to; }
    Result<> change(const std::vector<Path>& paths, int by) {
        const std::scoped_lock lock(mutex_);
        if (fails_) return fail("the kernel says no");
        ++changes_;
        for (const Path& path : paths)
            depths_[spelled(path)] += by;
        return {};
    }

    mutable std::mutex mutex_;
    std::map<std::string, int> depths_;
    std::map<std::string, double> losses_;
    std::map<std::string, std::uint64_t> drops_;
    int changes_ = 0;
    bool fails_ = false;
};

}  // namespace faultline::testing
