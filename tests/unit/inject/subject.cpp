// SPDX-License-Identifier: Apache-2.0
// The process that the tests of faults break: inject_subject idle|spin|stubborn [threads]
//   idle      waits for signals
//   spin      every thread burns CPU
//   stubborn  ignores SIGTERM
// It says "ready" on standard output when its behaviour is in place.
#include <csignal>
#include <cstdlib>
#include <string>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>

namespace {

[[noreturn]] void spin() {
    for (volatile unsigned long turns = 0;;)
        turns = turns + 1;
}

}  // namespace

int main(int argc, char** argv) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const std::string mode = argc > 1 ? argv[1] : "idle";
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
    for (;;)
        ::pause();
}
