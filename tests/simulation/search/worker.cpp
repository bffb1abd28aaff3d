// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/search/worker.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace ftcore::simulation {
namespace {

/// What goes through the pipe: this, then the two texts. A seed is announced by one without counts.
struct Head {
    std::uint64_t seed;
    std::uint64_t trace_hash;
    std::int64_t when;
    Counts counts;
    std::uint32_t property_bytes;
    std::uint32_t how_bytes;
    bool begins;
};

void write_all(int fd, const std::string& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t count = ::write(fd, bytes.data() + done, bytes.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) ::_exit(1);  // the parent is gone
        done += static_cast<std::size_t>(count);
    }
}

std::string encode(const Report& report, bool begins) {
    Head head{};
    head.seed = report.seed;
    head.trace_hash = report.trace_hash;
    head.when = report.when.count();
    head.counts = report.counts;
    head.property_bytes = static_cast<std::uint32_t>(report.property.size());
    head.how_bytes = static_cast<std::uint32_t>(report.how.size());
    head.begins = begins;
    return std::string(reinterpret_cast<const char*>(&head), sizeof head) + report.property +
           report.how;
}

[[noreturn]] void work(const SearchSettings& settings, unsigned number, int fd) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (std::uint64_t seed = settings.first + number; seed <= settings.last;
         seed += settings.jobs) {
        write_all(fd, encode({.seed = seed}, true));
        write_all(fd, encode(run_seed(seed, settings.wanted), false));
    }
    ::_exit(0);
}

}  // namespace

Result<std::unique_ptr<Worker>> Worker::start(const SearchSettings& settings, unsigned number) {
    int ends[2];
    if (::pipe(ends) != 0) return faultline::fail_errno("making a pipe for a worker", errno);
    std::fflush(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) {
        const int problem = errno;
        ::close(ends[0]);
        ::close(ends[1]);
        return faultline::fail_errno("starting a worker", problem);
    }
    if (pid == 0) {
        ::close(ends[0]);
        work(settings, number, ends[1]);
    }
    ::close(ends[1]);
    return std::unique_ptr<Worker>(new Worker(pid, ends[0]));
}

Worker::~Worker() {
    ::close(fd_);
    if (ended_) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

std::vector<Report> Worker::read() {
    char piece[1 << 16];
    ssize_t count = 0;
    do {
        count = ::read(fd_, piece, sizeof piece);
    } while (count < 0 && errno == EINTR);
    std::vector<Report> reports;
    if (count > 0) {
        buffer_.append(piece, static_cast<std::size_t>(count));
        while (auto report = next_report())
            reports.push_back(std::move(*report));
    } else if (auto report = last_words()) {
        reports.push_back(std::move(*report));
    }
    return reports;
}

std::optional<Report> Worker::next_report() {
    while (buffer_.size() >= sizeof(Head)) {
        Head head{};
        std::memcpy(&head, buffer_.data(), sizeof head);
        const std::size_t bytes = sizeof head + head.property_bytes + head.how_bytes;
        if (buffer_.size() < bytes) return std::nullopt;
        Report report{.seed = head.seed, .trace_hash = head.trace_hash, .counts = head.counts};
        report.property = buffer_.substr(sizeof head, head.property_bytes);
        report.how = buffer_.substr(sizeof head + head.property_bytes, head.how_bytes);
        report.when = TrueTime(head.when);
        buffer_.erase(0, bytes);
        if (head.begins) {
            running_ = head.seed;
            continue;
        }
        running_.reset();
        return report;
    }
    return std::nullopt;
}

std::optional<Report> Worker::last_words() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    ended_ = true;
    if (!running_) return std::nullopt;
    Report report{.seed = *running_, .property = "the code does not abort"};
    report.how = WIFSIGNALED(status)
                     ? fmt::format("signal {}; its message is above", WTERMSIG(status))
                     : fmt::format("exit code {}", WEXITSTATUS(status));
    return report;
}

}  // namespace ftcore::simulation
