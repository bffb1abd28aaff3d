// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <string>
#include <unistd.h>

#include "targets/core/supervise/heartbeat.hpp"

namespace {

constexpr int turn_ms = 5;
constexpr int turns_per_line = 10;

void say(const std::string& line) {
    // One write, so that lines of several children do not mix.
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(1);
}

}  // namespace

/// A child that beats, and says so now and then: "started PID", "alive", "alive", ...
int main() {
    say("started " + std::to_string(::getpid()) + "\n");
    for (int turn = 1;; ++turn) {
        ftcore::beat_supervisor();
        ::poll(nullptr, 0, turn_ms);
        if (turn % turns_per_line == 0) say("alive\n");
    }
}
