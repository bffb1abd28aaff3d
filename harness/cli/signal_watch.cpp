// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/signal_watch.hpp"

#include <fmt/format.h>

namespace faultline::cli {
namespace {

constexpr int end_of_watch = SIGUSR2;  // ends the watching thread, means nothing else

}  // namespace

SignalWatch::SignalWatch(Interruption& interruption) {
    sigemptyset(&signals_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, end_of_watch})
        sigaddset(&signals_, number);
    ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    thread_ = std::thread([this, &interruption] { watch(interruption); });
}

SignalWatch::~SignalWatch() {
    ::pthread_kill(thread_.native_handle(), end_of_watch);
    thread_.join();
}

void SignalWatch::watch(Interruption& interruption) {
    for (;;) {
        int number = 0;
        if (::sigwait(&signals_, &number) != 0) continue;
        if (number == end_of_watch) return;
        fmt::print(stderr,
                   "\nfaultline: {}; undoing everything\n",
                   number == SIGINT ? "interrupted" : "asked to stop");
        interruption.request();
    }
}

}  // namespace faultline::cli
