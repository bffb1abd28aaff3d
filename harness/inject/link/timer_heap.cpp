// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/timer_heap.hpp"

namespace faultline::link {

void TimerHeap::set(Timed& timed, Instant due) {
    if (timed.due_ == due) return;
    const bool earlier = due < timed.due_;
    timed.due_ = due;
    if (due == Instant::max()) {
        remove(timed.place_);
    } else if (timed.place_ == Timed::nowhere) {
        heap_.push_back(&timed);
        timed.place_ = heap_.size() - 1;
        rise(timed.place_);
    } else if (earlier) {
        rise(timed.place_);
    } else {
        sink(timed.place_);
    }
}

Timed* TimerHeap::take_due(Instant now) {
    if (heap_.empty() || heap_[0]->due_ > now) return nullptr;
    Timed* first = heap_[0];
    remove(0);
    first->due_ = Instant::max();
    return first;
}

void TimerHeap::place(Timed* timed, std::size_t at) {
    heap_[at] = timed;
    timed->place_ = at;
}

void TimerHeap::rise(std::size_t at) {
    Timed* const timed = heap_[at];
    while (at > 0 && timed->due_ < heap_[(at - 1) / 2]->due_) {
        place(heap_[(at - 1) / 2], at);
        at = (at - 1) / 2;
    }
    place(timed, at);
}

void TimerHeap::sink(std::size_t at) {
    Timed* const timed = heap_[at];
    for (;;) {
        std::size_t child = 2 * at + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && heap_[child + 1]->due_ < heap_[child]->due_) ++child;
        if (timed->due_ <= heap_[child]->due_) break;
        place(heap_[child], at);
        at = child;
    }
    place(timed, at);
}

void TimerHeap::remove(std::size_t at) {
    heap_[at]->place_ = Timed::nowhere;
    Timed* const last = heap_.back();
    heap_.pop_back();
    if (at == heap_.size()) return;
    place(last, at);
    rise(at);
    sink(last->place_);
}

}  // namespace faultline::link
