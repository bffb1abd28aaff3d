// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/chain.hpp"

#include <algorithm>
#include <utility>

namespace faultline::link {

void Chain::Node::push(Chunk chunk) {
    // After `close` from below, what stands above may not have noticed yet.
    if (!finished_) stage_->push(std::move(chunk), *below_);
}

void Chain::Node::finish(Instant at) {
    if (!std::exchange(finished_, true)) stage_->finish(at, *below_);
}

void Chain::Node::close() {
    // What this stage was given still goes its way, and the end of the stream behind it.
    finish(now());
    bottom_.note_close();
}

void Chain::Node::release(Instant now) {
    stage_->release(now, *below_);
    // A stage that swallows the end must not leave the reader waiting once it is gone.
    leave(now);
}

bool Chain::Node::retire(Instant now, std::shared_ptr<const void> keep) {
    if (!stage_->retire(now, *below_)) {
        keep_ = std::move(keep);
        retiring_ = true;
        return false;
    }
    leave(now);
    return true;
}

void Chain::Node::leave(Instant now) {
    if (finished_) below_->finish(now);
}

void Chain::put(std::uint64_t place, std::unique_ptr<Stage> stage, Instant now) {
    const std::size_t at = find(place);
    if (at < nodes_.size() && nodes_[at]->place() == place) {
        nodes_[at]->release(now);
        nodes_[at]->replace(std::move(stage));
        return;
    }
    nodes_.insert(nodes_.begin() + static_cast<std::ptrdiff_t>(at),
                  std::make_unique<Node>(place, std::move(stage), bottom_));
    join();
}

void Chain::take(std::uint64_t place, Instant now) {
    const std::size_t at = find(place);
    if (at == nodes_.size() || nodes_[at]->place() != place) return;
    nodes_[at]->release(now);
    nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(at));
    if (nodes_.empty()) nodes_.shrink_to_fit();
    join();
}

void Chain::retire(std::uint64_t place, Instant now, std::shared_ptr<const void> keep) {
    const std::size_t at = find(place);
    if (at == nodes_.size() || nodes_[at]->place() != place) return;
    if (!nodes_[at]->retire(now, std::move(keep))) return;
    nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(at));
    if (nodes_.empty()) nodes_.shrink_to_fit();
    join();
}

void Chain::sweep(Instant now) {
    for (std::size_t at = nodes_.size(); at-- > 0;) {
        if (!nodes_[at]->retired()) continue;
        nodes_[at]->leave(now);
        nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(at));
        join();
    }
    if (nodes_.empty()) nodes_.shrink_to_fit();
}

Instant Chain::wake() const {
    Instant earliest = Instant::max();
    for (const auto& node : nodes_)
        earliest = std::min(earliest, node->stage().wake());
    return earliest;
}

bool Chain::advance_due(Instant now) {
    bool any = false;
    for (const auto& node : nodes_) {
        if (node->stage().wake() > now) continue;
        node->stage().advance(now, node->below());
        any = true;
    }
    return any;
}

bool Chain::accepts() const {
    return std::all_of(
        nodes_.begin(), nodes_.end(), [](const auto& node) { return node->stage().accepts(); });
}

std::size_t Chain::held() const {
    std::size_t bytes = 0;
    for (const auto& node : nodes_)
        bytes += node->stage().held();
    return bytes;
}

Outlet& Chain::top() const {
    if (nodes_.empty()) return bottom_;
    return *nodes_.front();
}

std::size_t Chain::find(std::uint64_t place) const {
    const auto found = std::find_if(
        nodes_.begin(), nodes_.end(), [place](const auto& node) { return node->place() >= place; });
    return static_cast<std::size_t>(found - nodes_.begin());
}

void Chain::join() {
    for (std::size_t index = 0; index < nodes_.size(); ++index) {
        Outlet* const below =
            index + 1 < nodes_.size() ? static_cast<Outlet*>(nodes_[index + 1].get()) : &bottom_;
        nodes_[index]->stand_on(*below);
    }
}

}  // namespace faultline::link
