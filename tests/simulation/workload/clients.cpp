// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/workload/clients.hpp"

#include "tests/simulation/world/draw.hpp"

namespace ftcore::simulation {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t padding_max = 40;
constexpr Duration retry_pause = milliseconds(20);  // mean

}  // namespace

Clients::Clients(Surroundings& world, Servers& servers, Random random)
    : world_(world),
      servers_(servers),
      random_(random),
      keys_(world.plan().load.keys),
      clients_(world.plan().load.clients),
      attempts_(1),
      seen_(keys_) {}

void Clients::begin() {
    for (std::size_t client = 0; client < clients_.size(); ++client)
        pause(client);
}

void Clients::pause(std::size_t client) {
    world_.at(world_.now() + around(random_, world_.plan().load.pause), [this, client] {
        if (!stopped_) start_operation(client);
    });
}

Operation Clients::draw() {
    const LoadPlan& load = world_.plan().load;
    Operation operation;
    operation.key = random_.below(keys_);
    const double kind = random_.uniform();
    operation.kind = kind < load.reads                    ? OperationKind::read
                     : kind < load.reads + load.exchanges ? OperationKind::exchange
                                                          : OperationKind::write;
    if (operation.kind == OperationKind::read) return operation;
    operation.value = next_value_++;
    operation.expected = operation.kind == OperationKind::exchange ? seen_[operation.key] : 0;
    return operation;
}

void Clients::start_operation(std::size_t client) {
    start(client, draw());
}

void Clients::start(std::size_t client, const Operation& operation) {
    history_.push_back(operation);
    history_.back().invoked = world_.now();
    Client& one = clients_[client];
    one.operation = history_.size() - 1;
    one.busy = true;
    const Duration patience = one.last_round ? world_.plan().quiet : world_.plan().load.timeout;
    world_.at(world_.now() + patience, [this, client, started = one.operation] {
        if (clients_[client].busy && clients_[client].operation == started) {
            finish(client, Outcome::unknown);
        }
    });
    try_somewhere(client);
}

void Clients::try_somewhere(std::size_t client) {
    Client& one = clients_[client];
    const std::size_t nodes = world_.plan().consensus.members.size();
    if (one.ask == nobody || chance(random_, 0.1)) {
        one.ask = static_cast<NodeId>(1 + any_of(random_, nodes));
    }
    one.attempt = attempts_.size();
    attempts_.push_back({.operation = one.operation, .client = client});
    const Operation& operation = history_[one.operation];
    if (operation.kind == OperationKind::read) {
        servers_.request_read(one.ask, one.attempt, operation.key);
        return;
    }
    const Command command{.exchange = operation.kind == OperationKind::exchange,
                          .key = operation.key,
                          .value = operation.value,
                          .expected = operation.expected,
                          .attempt = one.attempt};
    servers_.request_write(one.ask, one.attempt, encode(command, any_of(random_, padding_max)));
}

void Clients::replied(const Reply& reply) {
    Attempt& attempt = attempts_[reply.attempt];
    if (reply.kind == Reply::Kind::refused) attempt.refused = true;
    Client& one = clients_[attempt.client];
    if (!one.busy || one.attempt != reply.attempt) return;
    one.ask = reply.leader;
    Operation& operation = history_[one.operation];
    switch (reply.kind) {
        case Reply::Kind::done:
            operation.returned = world_.now();
            operation.observed = reply.result.before;
            operation.done = reply.result.done;
            seen_[operation.key] = operation.kind == OperationKind::read || !operation.done
                                       ? operation.observed
                                       : operation.value;
            return finish(attempt.client, Outcome::ok);
        case Reply::Kind::unknown:
            // A read that nobody answered has done nothing: it may be asked again.
            if (operation.kind != OperationKind::read)
                return finish(attempt.client, Outcome::unknown);
            break;
        case Reply::Kind::refused:
            break;
    }
    world_.at(world_.now() + around(random_, retry_pause),
              [this, client = attempt.client, tried = reply.attempt] {
                  if (clients_[client].busy && clients_[client].attempt == tried)
                      try_somewhere(client);
              });
}

void Clients::finish(std::size_t client, Outcome outcome) {
    Client& one = clients_[client];
    one.busy = false;
    Operation& operation = history_[one.operation];
    // Every try of it was refused: it surely did not happen.
    const bool refused = outcome == Outcome::unknown && attempts_[one.attempt].refused;
    operation.outcome = refused ? Outcome::refused : outcome;
    Counts& counts = world_.counts();
    switch (operation.outcome) {
        case Outcome::ok:
            ++counts[operation.kind == OperationKind::read       ? Count::reads_ok
                     : operation.kind == OperationKind::exchange ? Count::exchanges_ok
                                                                 : Count::writes_ok];
            break;
        case Outcome::refused:
            ++counts[Count::operations_refused];
            break;
        case Outcome::unknown:
        case Outcome::running:
            ++counts[Count::operations_unknown];
            break;
    }
    if (one.last_round) {
        if (outcome == Outcome::ok) next_of_last_round(client);
    } else {
        if (operation.outcome == Outcome::unknown) one.ask = nobody;
        pause(client);
    }
}

void Clients::last_round() {
    clients_.push_back({.last_round = true});
    next_of_last_round(clients_.size() - 1);
}

void Clients::next_of_last_round(std::size_t client) {
    const std::uint64_t turn = last_turn_++;
    if (turn < keys_) {
        start(client, {.kind = OperationKind::read, .key = turn});
    } else if (turn == keys_) {
        start(client, {.kind = OperationKind::write, .value = next_value_++});
    }
}

}  // namespace ftcore::simulation
