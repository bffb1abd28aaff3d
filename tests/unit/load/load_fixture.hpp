// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/load/load.hpp"
#include "tests/unit/load/fake_server.hpp"

namespace faultline::test {

inline LoadSpec load_spec(const std::string& driver, double rate) {
    LoadSpec spec;
    spec.driver = driver;
    spec.rate = rate;
    spec.connections = 4;
    spec.timeout = std::chrono::seconds(10);  // the machine of a test may be slow
    return spec;
}

inline std::unique_ptr<Load> started(const LoadSpec& spec,
                                     LoadTargets targets,
                                     std::uint64_t seed = 1) {
    auto load = make_load(spec, std::move(targets), Random(seed));
    EXPECT_TRUE(load.has_value()) << (load ? "" : load.error().message);
    if (!load) return nullptr;
    EXPECT_TRUE((*load)->start().has_value());
    return std::move(*load);
}

inline LoadTargets one(const Endpoint& endpoint) {
    return LoadTargets{.endpoints = {endpoint}};
}

/// Waits until so many operations are settled.
inline bool reaches(const Load& load, std::uint64_t count) {
    return eventually([&] {
        const LoadProgress progress = load.progress();
        return progress.ok + progress.failed + progress.unknown >= count;
    });
}

struct Tally {
    std::size_t ok = 0;
    std::size_t failed = 0;
    std::size_t unknown = 0;
};

inline Tally tally(const OperationLog& log) {
    Tally tally;
    for (std::size_t i = 0; i < log.size(); ++i) {
        switch (log[i].outcome) {
            case Outcome::ok:
                ++tally.ok;
                break;
            case Outcome::failed:
                ++tally.failed;
                break;
            case Outcome::unknown:
                ++tally.unknown;
                break;
        }
    }
    return tally;
}

}  // namespace faultline::test
