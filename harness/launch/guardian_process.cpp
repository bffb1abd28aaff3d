// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/guardian_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/launch/journal_format.hpp"

namespace faultline {
namespace {

// A session of its own, so that Ctrl-C and a closing terminal do not reach it; no descriptor that
// could keep a port, a file or somebody's pipe open. Returns the socket, clear of 0, 1 and 2.
int detach(int given_socket) {
    ::setsid();
    for (const int number :
         {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP, SIGUSR1, SIGUSR2}) {
        ::signal(number, SIG_IGN);
    }
    ::signal(SIGCHLD, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::prctl(PR_SET_NAME, "fl-guardian");
    const int socket = ::fcntl(given_socket, F_DUPFD_CLOEXEC, 3);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(null, STDIN_FILENO);
    ::dup2(null, STDOUT_FILENO);
    const auto kept = static_cast<unsigned>(socket);
    if (kept > 3) ::syscall(SYS_close_range, 3U, kept - 1, 0);
    ::syscall(SYS_close_range, kept + 1, ~0U, 0);
    if (::chdir("/") != 0) return socket;  // at worst it keeps a mount busy
    return socket;
}

// Until the harness says the end, or its end of the socket closes with it.
OpenRecords listen(int socket) {
    OpenRecords open;
    std::string buffer(guardian_message_bytes_max, '\0');
    for (;;) {
        const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return open;
        const auto entry = decode_entry(buffer.substr(0, static_cast<std::size_t>(count)));
        if (!entry) continue;  // only ours writes here; a line we cannot read promises nothing
        if (entry->kind == JournalEntry::Kind::end) return open;
        apply(*entry, open);
    }
}

}  // namespace

void be_guardian(const GuardianDuty& duty) {
    const OpenRecords open = listen(detach(duty.socket));
    const UndoReport report = undo_records(open);
    const bool killed = kill_run(duty.run);
    for (const std::string& failure : report.failures) {
        std::fprintf(stderr, "faultline guardian: could not %s\n", failure.c_str());
    }
    // With something left to undo the journal stays, for `faultline recover`.
    if (report.failures.empty() && killed) {
        const auto removed = remove_journal(duty.journal);
        if (!removed)
            std::fprintf(stderr, "faultline guardian: %s\n", removed.error().message.c_str());
    }
    ::_exit(0);
}

}  // namespace faultline
