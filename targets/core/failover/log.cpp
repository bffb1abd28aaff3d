// SPDX-License-Identifier: Apache-2.0
#include "targets/core/failover/log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "harness/base/check.hpp"

namespace ftcore {

Log::Log(SnapshotMark behind, std::vector<Entry> entries) : behind_(behind) {
    for (Entry& entry : entries)
        append(std::move(entry));
}

SnapshotMark Log::last() const {
    if (entries_.empty()) return behind_;
    return {entries_.back().index, entries_.back().term};
}

const Entry& Log::at(Index index) const {
    FL_CHECK_OP(>, index, behind_.index);
    FL_CHECK_OP(<=, index, last_index());
    return entries_[index - behind_.index - 1];
}

std::optional<Term> Log::term_at(Index index) const {
    if (index == behind_.index) return behind_.term;
    if (!holds(index)) return std::nullopt;
    return at(index).term;
}

Index Log::run_begin(Index index) const {
    const Term term = at(index).term;
    const auto first = std::lower_bound(
        entries_.begin(), entries_.end(), term, [](const Entry& entry, Term wanted) {
            return entry.term < wanted;
        });
    return first->index;
}

SnapshotMark Log::last_not_newer(Term term) const {
    const auto newer = std::upper_bound(
        entries_.begin(), entries_.end(), term, [](Term wanted, const Entry& entry) {
            return wanted < entry.term;
        });
    if (newer == entries_.begin()) return behind_;
    return {std::prev(newer)->index, std::prev(newer)->term};
}

std::vector<Entry> Log::copy(Index first, Index last) const {
    std::vector<Entry> copied;
    if (first > last) return copied;
    FL_CHECK(holds(first) && holds(last));
    const auto from = entries_.begin() + static_cast<std::ptrdiff_t>(first - behind_.index - 1);
    copied.assign(from, from + static_cast<std::ptrdiff_t>(last - first + 1));
    return copied;
}

void Log::append(Entry entry) {
    FL_CHECK_OP(==, entry.index, last_index() + 1);
    FL_CHECK_OP(>=, entry.term, last().term);
    entries_.push_back(std::move(entry));
}

void Log::truncate_from(Index index) {
    FL_CHECK_OP(>, index, behind_.index);
    while (last_index() >= index)
        entries_.pop_back();
}

void Log::forget_to(Index index) {
    if (index <= behind_.index) return;
    behind_ = {index, at(index).term};
    while (!entries_.empty() && entries_.front().index <= index)
        entries_.pop_front();
}

void Log::reset(SnapshotMark mark) {
    entries_.clear();
    behind_ = mark;
}

}  // namespace ftcore
