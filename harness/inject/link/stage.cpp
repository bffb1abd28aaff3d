// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/stage.hpp"

#include <utility>

namespace faultline::link {

void Stage::push(Chunk chunk, Outlet& below) {
    below.push(std::move(chunk));
}

void Stage::finish(Instant at, Outlet& below) {
    below.finish(at);
}

void Stage::advance(Instant, Outlet&) {}

void Stage::release(Instant, Outlet&) {}

bool Stage::retire(Instant now, Outlet& below) {
    release(now, below);
    return true;
}

}  // namespace faultline::link
