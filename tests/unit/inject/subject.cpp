// SPDX-License-Identifier: Apache-2.0
// The process that the tests of faults break: inject_subject idle|spin|stubborn|points [threads]
//   idle      waits for signals
//   spin      every thread burns CPU
//   stubborn  ignores SIGTERM
//   points    comes by the fail point subject.turn every millisecond, never by subject.never
// It says "ready" on standard output when its behaviour is in place.
#include <csignal>
#include <cstdlib>
#include <string>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>

#include "harness/include/faultline/failpoint.hpp"

namespace {

[[noreturn]] void come_by() {
    for (long turns = 0;; ++turns) {
        static_cast<void>(FL_FAILPOINT("subject.turn"));
        if (turns < 0) static_cast<void>(FL_FAILPOINT("subject.never"));
        ::usleep(1000);
    }
}

[[noreturn]] void spin() {
    for (volatile unsigned long turns = 0;;)
        turns = turns + 1;
}

}  // namespace

int main(int argc, char** argv) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const std::string mode = argc > 1 ? argv[1] : "idle";
    if (mode == "points") faultline::arm_failpoints_from_environment();
    const int threads = argc > 2 ? std::atoi(argv[2]) : 1;
    if (mode == "stubborn" && std::signal(SIGTERM, SIG_IGN) == SIG_ERR) return 1;
    for (int index = 1; index < threads; ++index) {
        std::thread([mode] {
            if (mode == "spin") spin();
            for (;;)
                ::pause();
        }).detach();
    }
    if (::write(STDOUT_FILENO, "ready\n", 6) != 6) return 1;
    if (mode == "spin") spin();
    if (mode == "points") come_by();
    for (;;)
        ::pause();
}
