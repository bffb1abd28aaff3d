// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/pipe_pool.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace faultline::link {
namespace {

/// What an ordinary user may ask for. Source: pipe(7), /proc/sys/fs/pipe-max-size.
constexpr int pipe_bytes_wanted = 1 << 20;
/// Two descriptors each, and a flow that stands still keeps its pipe.
constexpr std::size_t pipes_lent_max = 64;
constexpr std::size_t pipes_idle_max = 8;
/// A pipe of less (the user's share of pipe pages is used up) is slower than copying.
constexpr int pipe_bytes_min = 64 << 10;

std::optional<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return std::nullopt;
    Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
    static_cast<void>(::fcntl(ends[1], F_SETPIPE_SZ, pipe_bytes_wanted));
    const int capacity = ::fcntl(ends[1], F_GETPIPE_SZ);
    if (capacity < pipe_bytes_min) return std::nullopt;
    pipe.capacity = static_cast<std::size_t>(capacity);
    return pipe;
}

}  // namespace

std::optional<Pipe> PipePool::borrow() {
    if (lent_ >= pipes_lent_max) return std::nullopt;
    std::optional<Pipe> pipe;
    if (idle_.empty()) {
        pipe = make_pipe();
    } else {
        pipe = std::move(idle_.back());
        idle_.pop_back();
    }
    if (pipe) ++lent_;
    return pipe;
}

void PipePool::give_back(Pipe pipe) {
    --lent_;
    if (idle_.size() < pipes_idle_max) idle_.push_back(std::move(pipe));
}

void PipePool::discard(Pipe) {
    --lent_;
}

}  // namespace faultline::link
