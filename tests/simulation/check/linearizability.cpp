// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/check/linearizability.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "tests/simulation/world/hash.hpp"

namespace ftcore::simulation {
namespace {

using Operations = std::vector<Operation>;

/// The operations that certainly happened, each with the latest instant at which it can have.
Operations certain(const Operations& operations) {
    std::unordered_map<Value, TrueTime> first_seen;
    for (const Operation& operation : operations) {
        if (operation.outcome != Outcome::ok || operation.kind == OperationKind::write) continue;
        const auto [seen, fresh] = first_seen.try_emplace(operation.observed, operation.returned);
        if (!fresh) seen->second = std::min(seen->second, operation.returned);
    }
    Operations result;
    for (const Operation& operation : operations) {
        switch (operation.outcome) {
            case Outcome::ok:
                result.push_back(operation);
                break;
            case Outcome::refused:
                break;
            case Outcome::running:
            case Outcome::unknown: {
                if (operation.kind == OperationKind::read) break;
                const auto seen = first_seen.find(operation.value);
                if (seen == first_seen.end()) break;
                Operation happened = operation;
                happened.returned = seen->second;
                happened.observed = operation.expected;
                happened.done = true;
                result.push_back(happened);
                break;
            }
        }
    }
    return result;
}

/// A call or a return in a list that operations are lifted out of and put back into.
struct Edge {
    TrueTime time{};
    std::size_t operation = 0;
    bool call = false;
    std::size_t previous = 0;
    std::size_t next = 0;
    std::size_t partner = 0;  // of a call: its return
};

class RegisterSearch {
  public:
    explicit RegisterSearch(Operations operations) : operations_(std::move(operations)) {
        lay_out();
    }

    Linearizable run();
    /// The operation whose return could not be passed on the longest way.
    [[nodiscard]] const Operation& stuck_at() const { return operations_[stuck_]; }

  private:
    void lay_out();
    void lift(std::size_t call);
    void put_back(std::size_t call);
    [[nodiscard]] bool apply(const Operation& operation, Value& value) const;
    /// True: this set of placed operations with this value was not met before.
    bool remember(std::size_t operation, Value value);

    struct Placed {
        std::size_t call;
        Value value_before;
    };

    Operations operations_;
    std::vector<Edge> edges_;  // 0 is the head; the end is its own index again
    std::vector<Placed> stack_;
    std::unordered_set<std::uint64_t> met_;
    std::uint64_t placed_hash_ = 0;
    std::size_t deepest_ = 0;
    std::size_t stuck_ = 0;
};

void RegisterSearch::lay_out() {
    edges_.push_back({});
    for (std::size_t at = 0; at < operations_.size(); ++at) {
        edges_.push_back({.time = operations_[at].invoked, .operation = at, .call = true});
        edges_.push_back({.time = operations_[at].returned, .operation = at});
    }
    // A return at the instant of a call comes after it: they may have overlapped.
    std::sort(edges_.begin() + 1, edges_.end(), [](const Edge& a, const Edge& b) {
        if (a.time != b.time) return a.time < b.time;
        return a.call != b.call ? a.call : a.operation < b.operation;
    });
    std::vector<std::size_t> call_of(operations_.size());
    for (std::size_t at = 0; at < edges_.size(); ++at) {
        edges_[at].previous = at == 0 ? edges_.size() - 1 : at - 1;
        edges_[at].next = (at + 1) % edges_.size();
        if (at == 0) continue;
        if (edges_[at].call) {
            call_of[edges_[at].operation] = at;
        } else {
            edges_[call_of[edges_[at].operation]].partner = at;
        }
    }
}

void RegisterSearch::lift(std::size_t call) {
    for (const std::size_t at : {call, edges_[call].partner}) {
        edges_[edges_[at].previous].next = edges_[at].next;
        edges_[edges_[at].next].previous = edges_[at].previous;
    }
}

void RegisterSearch::put_back(std::size_t call) {
    for (const std::size_t at : {edges_[call].partner, call}) {
        edges_[edges_[at].previous].next = at;
        edges_[edges_[at].next].previous = at;
    }
}

bool RegisterSearch::apply(const Operation& operation, Value& value) const {
    switch (operation.kind) {
        case OperationKind::write:
            value = operation.value;
            return true;
        case OperationKind::read:
            return operation.observed == value;
        case OperationKind::exchange:
            if (operation.observed != value) return false;
            if (operation.done != (value == operation.expected)) return false;
            if (operation.done) value = operation.value;
            return true;
    }
    return false;
}

bool RegisterSearch::remember(std::size_t operation, Value value) {
    // Sets are told apart by a sum of hashes; two equal sums of 64 bits among millions of sets are
    // less likely than a broken machine.
    placed_hash_ += mix(0x13198a2e03707344, operation + 1);
    return met_.insert(mix(placed_hash_, value)).second;
}

Linearizable RegisterSearch::run() {
    Value value = 0;
    std::size_t at = edges_[0].next;
    while (edges_[0].next != 0) {
        if (met_.size() > configurations_max) return Linearizable::undecided;
        const Edge& edge = edges_[at];
        if (at != 0 && edge.call) {
            const std::uint64_t hash_before = placed_hash_;
            Value after = value;
            if (apply(operations_[edge.operation], after) && remember(edge.operation, after)) {
                stack_.push_back({at, value});
                value = after;
                lift(at);
                at = edges_[0].next;
            } else {
                placed_hash_ = hash_before;
                at = edge.next;
            }
            continue;
        }
        if (stack_.size() >= deepest_ && at != 0) {
            deepest_ = stack_.size();
            stuck_ = edge.operation;
        }
        if (stack_.empty()) return Linearizable::no;
        const Placed last = stack_.back();
        stack_.pop_back();
        value = last.value_before;
        placed_hash_ -= mix(0x13198a2e03707344, edges_[last.call].operation + 1);
        put_back(last.call);
        at = edges_[last.call].next;
    }
    return Linearizable::yes;
}

std::string spell(const Operation& operation) {
    constexpr std::array kinds{"write", "read", "exchange"};
    return fmt::format(
        "{} of register {} (value {}, expected {}, observed {}) from {:.6f} to {:.6f} s",
        kinds[static_cast<std::size_t>(operation.kind)],
        operation.key,
        operation.value,
        operation.expected,
        operation.observed,
        faultline::seconds_of(operation.invoked),
        faultline::seconds_of(operation.returned));
}

}  // namespace

LinearizabilityVerdict check_linearizability(const History& history) {
    std::map<std::uint64_t, Operations> by_key;
    for (const Operation& operation : history)
        by_key[operation.key].push_back(operation);
    LinearizabilityVerdict result;
    for (const auto& [key, operations] : by_key) {
        RegisterSearch search(certain(operations));
        switch (search.run()) {
            case Linearizable::yes:
                break;
            case Linearizable::no:
                return {Linearizable::no, key, "no order explains " + spell(search.stuck_at())};
            case Linearizable::undecided:
                result = {Linearizable::undecided, key, "too many configurations"};
                break;
        }
    }
    return result;
}

}  // namespace ftcore::simulation
