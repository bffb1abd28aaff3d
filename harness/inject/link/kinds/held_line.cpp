// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/held_line.hpp"

#include <algorithm>
#include <utility>

#include "harness/base/check.hpp"

namespace faultline::link {

void HeldLine::hold(Chunk chunk, Instant due) {
    bytes_ += chunk.bytes.size();
    held_.push_back({std::move(chunk.bytes), chunk.at, due});
    count(held_.back());
}

void HeldLine::hold_end(Instant at, Instant due) {
    held_.push_back({{}, at, due, true});
    count(held_.back());
}

void HeldLine::count(const Held& held) {
    tally_.chunks.add();
    tally_.bytes.add(held.bytes.size());
    tally_.note_first(held.came);
}

void HeldLine::pass_front(Instant at, Outlet& below) {
    Held front = std::move(held_.front());
    held_.pop_front();
    if (passed_ > 0) front.bytes.erase(0, std::exchange(passed_, 0));
    bytes_ -= front.bytes.size();
    tally_.passed.add();
    tally_.delay_ns.add(
        static_cast<std::uint64_t>(std::max(at - front.came, Duration::zero()).count()));
    if (front.end) return below.finish(at);
    below.push({std::move(front.bytes), at});
}

void HeldLine::pass_bytes(std::size_t count, Instant at, Outlet& below) {
    FL_CHECK_OP(<=, count, front_bytes());
    if (count == front_bytes()) return pass_front(at, below);
    std::string piece = held_.front().bytes.substr(passed_, count);
    passed_ += count;
    bytes_ -= count;
    below.push({std::move(piece), at});
}

void HeldLine::pass_due(Instant now, Outlet& below) {
    while (!empty() && front_due() <= now)
        pass_front(front_due(), below);
}

void HeldLine::release(Instant now, Outlet& below) {
    while (!empty())
        pass_front(now, below);
}

}  // namespace faultline::link
