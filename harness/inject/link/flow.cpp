// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/flow.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <utility>

namespace faultline::link {
namespace {

/// After so many full reads in a row a pipe is worth its two extra system calls.
constexpr unsigned full_reads_for_bulk = 4;
/// After so many small ones it no longer is.
constexpr unsigned small_splices_for_copying = 8;
constexpr std::size_t small_splice_bytes = 16 << 10;
/// What a system call takes from the budget at least: about as much as copying this.
constexpr std::size_t call_cost_bytes = 4096;

void spend(std::size_t& budget, std::size_t bytes) {
    budget -= std::min(budget, std::max(bytes, call_cost_bytes));
}

ssize_t splice_some(int from, int to, std::size_t bytes_max) {
    return ::splice(from, nullptr, to, nullptr, bytes_max, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

}  // namespace

void Flow::Bottom::push(Chunk chunk) {
    if (!finished) queue.push(std::move(chunk.bytes));
}

void Flow::Bottom::finish(Instant) {
    finished = true;
}

void Flow::Bottom::close() {
    finished = true;
    note_close();
}

void Flow::Bottom::note_close() {
    if (request == Request::none) request = Request::close;
}

Flow::Flow(Socket& source, Socket& sink, Counts& counts, Means& means)
    : source_(source), sink_(sink), counts_(counts), means_(means), chain_(bottom_) {}

Flow::~Flow() {
    return_pipe();
}

bool Flow::step(std::size_t& budget) {
    const bool out = write_out(budget);
    const bool in = take_in(budget);
    return out || in;
}

void Flow::cut() {
    discarding_ = true;
    chain_.clear();
    bottom_.finished = true;
}

bool Flow::write_out(std::size_t& budget) {
    if (empty() || !sink_.connected || !sink_.writable || sink_.failed) return false;
    const bool piped = in_pipe_ > 0 && write_pipe(budget);
    const bool queued = in_pipe_ == 0 && write_queue(budget);
    return piped || queued;
}

bool Flow::write_pipe(std::size_t& budget) {
    bool any = false;
    while (in_pipe_ > 0 && budget > 0) {
        const ssize_t count = splice_some(pipe_->out.get(), sink_.fd.get(), in_pipe_);
        if (count <= 0) {
            sink_broke(errno);
            break;
        }
        in_pipe_ -= static_cast<std::size_t>(count);
        counts_.sent.add(static_cast<std::uint64_t>(count));
        spend(budget, static_cast<std::size_t>(count));
        any = true;
    }
    if (in_pipe_ == 0 && (!bulk_ || !chain_.empty())) return_pipe();
    return any;
}

bool Flow::write_queue(std::size_t& budget) {
    bool any = false;
    while (!bottom_.queue.empty() && budget > 0) {
        const std::string_view piece = bottom_.queue.front();
        const ssize_t count = ::send(sink_.fd.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
        if (count < 0) {
            sink_broke(errno);
            break;
        }
        bottom_.queue.pop(static_cast<std::size_t>(count));
        counts_.sent.add(static_cast<std::uint64_t>(count));
        spend(budget, static_cast<std::size_t>(count));
        any = true;
    }
    return any;
}

bool Flow::take_in(std::size_t& budget) {
    if (ended_ || !source_.connected || !source_.readable || budget == 0) return false;
    if (discarding_) {
        const std::size_t count = read_scratch(means_.scratch.size());
        spend(budget, count);
        return count > 0 || ended_;
    }
    if (!sink_.connected || sink_.failed) return false;
    if (!chain_.empty()) return take_into_stages(budget);
    if (!empty() || !sink_.writable) return false;
    return bulk_ ? splice_on(budget) : copy_on(budget);
}

bool Flow::take_into_stages(std::size_t& budget) {
    if (in_pipe_ == 0) return_pipe();
    const std::size_t held = chain_.held() + bottom_.queue.bytes() + in_pipe_;
    if (held >= means_.held_bytes_max || !chain_.accepts()) return false;
    const std::size_t count = read_scratch(means_.held_bytes_max - held);
    if (count > 0) chain_.push({std::string(means_.scratch.data(), count), now()});
    spend(budget, count);
    return count > 0 || ended_;
}

bool Flow::copy_on(std::size_t& budget) {
    const std::size_t count = read_scratch(means_.scratch.size());
    spend(budget, count);
    if (count == 0) return ended_;
    full_reads_ = count == means_.scratch.size() ? full_reads_ + 1 : 0;
    if (full_reads_ >= full_reads_for_bulk && spliceable_) {
        bulk_ = true;
        full_reads_ = 0;
    }
    const ssize_t sent = ::send(sink_.fd.get(), means_.scratch.data(), count, MSG_NOSIGNAL);
    if (sent < 0) sink_broke(errno);
    if (sent > 0) counts_.sent.add(static_cast<std::uint64_t>(sent));
    const auto passed = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    if (passed < count) {
        bottom_.queue.push(std::string(means_.scratch.data() + passed, count - passed));
    }
    return true;
}

bool Flow::splice_on(std::size_t& budget) {
    if (!pipe_) pipe_ = means_.pipes.borrow();
    if (!pipe_) {
        bulk_ = false;
        return copy_on(budget);
    }
    const ssize_t count = splice_some(source_.fd.get(), pipe_->in.get(), pipe_->capacity);
    if (count <= 0) {
        return_pipe();
        if (count == 0) {
            end_of_source();
        } else if (errno == EINVAL) {
            bulk_ = spliceable_ = false;
            return true;
        } else {
            source_.readable = false;
            source_.failed |= errno != EAGAIN;
        }
        return ended_;
    }
    in_pipe_ = static_cast<std::size_t>(count);
    counts_.received.add(in_pipe_);
    small_splices_ = in_pipe_ < small_splice_bytes ? small_splices_ + 1 : 0;
    if (small_splices_ >= small_splices_for_copying) {
        bulk_ = false;
        small_splices_ = 0;
    }
    write_pipe(budget);
    return true;
}

std::size_t Flow::read_scratch(std::size_t bytes_max) {
    const std::size_t wanted = std::min(bytes_max, means_.scratch.size());
    const ssize_t count = ::recv(source_.fd.get(), means_.scratch.data(), wanted, 0);
    if (count > 0) {
        // A short read has emptied the socket: what comes later is a new event. Source: epoll(7).
        if (static_cast<std::size_t>(count) < wanted && !source_.read_to_end) {
            source_.readable = false;
        }
        counts_.received.add(static_cast<std::uint64_t>(count));
        return static_cast<std::size_t>(count);
    }
    if (count == 0) {
        end_of_source();
    } else {
        source_.readable = false;
        source_.failed |= errno != EAGAIN;
    }
    return 0;
}

void Flow::end_of_source() {
    ended_ = true;
    if (discarding_) return;
    if (chain_.empty()) {
        bottom_.finished = true;
    } else {
        chain_.finish(now());
    }
}

void Flow::sink_broke(int error) {
    if (error == EAGAIN) {
        sink_.writable = false;
        return;
    }
    sink_.failed = true;
    // It may have answered before it broke: the other way reads that first.
    sink_.readable = true;
    sink_.read_to_end = true;
}

void Flow::return_pipe() {
    if (!pipe_) return;
    if (in_pipe_ == 0) {
        means_.pipes.give_back(std::move(*pipe_));
    } else {
        means_.pipes.discard(std::move(*pipe_));
    }
    pipe_.reset();
    in_pipe_ = 0;
}

}  // namespace faultline::link
