// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/inject/link/engine.hpp"
#include "harness/inject/link/flow.hpp"
#include "harness/inject/link/pipe_pool.hpp"
#include "harness/inject/link/reactor.hpp"

namespace faultline::link {

/// What all links and connections of an engine share. Outlives them.
/// Thread: the engine's.
struct EngineRoom {
    explicit EngineRoom(Engine::Options chosen) : options(chosen) {}
    EngineRoom(const EngineRoom&) = delete;
    EngineRoom& operator=(const EngineRoom&) = delete;

    static constexpr std::size_t scratch_bytes = 64 << 10;

    const Engine::Options options;
    Reactor reactor{};
    PipePool pipes{};
    std::vector<char> scratch = std::vector<char>(scratch_bytes);
    Flow::Means means{scratch, pipes, options.held_bytes_max};
    std::size_t connections = 0;
    /// Given up for a moment to take in and turn away who connects when there are no descriptors.
    UniqueFd reserve{};
};

}  // namespace faultline::link
