// SPDX-License-Identifier: Apache-2.0
#include "harness/load/operation_store.hpp"

#include <algorithm>
#include <limits>

#include "harness/base/check.hpp"

namespace faultline {

std::uint32_t lag_between(Instant intended, Instant actual) {
    constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>((actual - intended).count() / 1000, 0, most));
}

OperationStore::OperationStore(Duration timeout)
    : timeout_(timeout),
      chunks_(std::make_unique<std::array<std::atomic<const Operation*>, chunk_count_max>>()) {}

Operation& OperationStore::append(Instant intended) {
    FL_CHECK(!full());
    const std::size_t index = log_.size();
    Operation& slot = log_.push_back(Operation{.intended_ns = nanoseconds_of(intended)});
    if (index % OperationLog::chunk_size == 0) {
        (*chunks_)[index / OperationLog::chunk_size].store(&slot, std::memory_order_release);
    }
    return slot;
}

void OperationStore::finish(Operation& operation, const Settlement& settlement, Instant end) {
    operation.end_ns = nanoseconds_of(end);
    operation.outcome = settlement.outcome;
    operation.failure = settlement.failure;
    operation.version = settlement.version;
    ++outcomes_[static_cast<std::size_t>(settlement.outcome)];
}

void OperationStore::settle(std::size_t index, const Settlement& settlement, Instant end) {
    if (is_settled(index)) return;
    const Instant limit = deadline(index);
    if (end > limit) {
        finish(log_[index], {Outcome::unknown, Failure::timeout}, limit);
    } else {
        finish(log_[index], settlement, end);
    }
}

void OperationStore::settle_unsent(std::size_t index, Failure failure, Instant end) {
    if (is_settled(index)) return;
    finish(log_[index], {Outcome::failed, failure}, std::min(end, deadline(index)));
}

std::size_t OperationStore::publish() {
    while (settled_ < log_.size() && is_settled(settled_))
        ++settled_;
    published_settled_.store(settled_, std::memory_order_release);
    published_size_.store(log_.size(), std::memory_order_relaxed);
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
        published_outcomes_[i].store(outcomes_[i], std::memory_order_relaxed);
    }
    return settled_;
}

LoadProgress OperationStore::progress() const {
    const auto count = [this](Outcome outcome) {
        return published_outcomes_[static_cast<std::size_t>(outcome)].load(
            std::memory_order_relaxed);
    };
    return LoadProgress{published_size_.load(std::memory_order_relaxed),
                        count(Outcome::ok),
                        count(Outcome::failed),
                        count(Outcome::unknown)};
}

std::vector<Operation> OperationStore::settled_since(std::size_t first) const {
    const std::size_t end = published_settled_.load(std::memory_order_acquire);
    std::vector<Operation> settled;
    if (first >= end) return settled;
    settled.reserve(end - first);
    while (first < end) {
        const std::size_t offset = first % OperationLog::chunk_size;
        const std::size_t count = std::min(end - first, OperationLog::chunk_size - offset);
        const Operation* chunk =
            (*chunks_)[first / OperationLog::chunk_size].load(std::memory_order_acquire);
        settled.insert(settled.end(), chunk + offset, chunk + offset + count);
        first += count;
    }
    return settled;
}

}  // namespace faultline
