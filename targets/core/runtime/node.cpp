// SPDX-License-Identifier: Apache-2.0
#include "targets/core/runtime/node.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "targets/core/pipeline_settings.hpp"
#include "targets/core/runtime/node_state.hpp"

namespace ftcore {

using faultline::fail;
using faultline::now;

namespace {

ConsensusSettings consensus_settings(const NodeSettings& settings) {
    ConsensusSettings result{.self = settings.self,
                             .members = {},
                             .level = settings.level,
                             .heartbeat = settings.heartbeat,
                             .election_timeout = settings.election_timeout,
                             .lease = settings.lease};
    for (const NodeAddress& member : settings.members) {
        result.members.push_back({.id = member.id, .witness = member.witness});
    }
    return result;
}

PipelineSettings pipeline_settings(const NodeSettings& settings) {
    PipelineSettings result{
        .self = settings.self, .members = {}, .names = {}, .level = settings.level};
    for (const NodeAddress& member : settings.members) {
        result.members.push_back({.id = member.id, .witness = member.witness});
        result.names[member.id] = member.name;
    }
    result.careful.floor = settings.detection_floor;
    result.careful.ceiling = std::max(result.careful.ceiling, settings.detection_floor);
    result.careful.floor_beats = 3;  // 25 ms apart: lateness of up to two of them is borne
    result.alerts.webhook.url = settings.webhook;
    result.alerts.command.words = settings.alert_command;
    return result;
}

}  // namespace

Node::State::State(boost::asio::io_context& loop_in,
                   NodeSettings settings_in,
                   StateMachine& machine_in)
    : loop(loop_in),
      settings(std::move(settings_in)),
      machine(machine_in),
      incarnation(faultline::fresh_seed()),
      random(incarnation),
      requests(settings.operation_timeout, settings.pending_max),
      life(now()),
      timer(loop_in) {}

const NodeAddress* Node::State::address_of(NodeId id) const {
    const auto at = std::find_if(settings.members.begin(),
                                 settings.members.end(),
                                 [id](const NodeAddress& member) { return member.id == id; });
    return at == settings.members.end() ? nullptr : &*at;
}

bool Node::State::am_witness() const {
    return address_of(settings.self)->witness;
}

Result<> Node::State::open() {
    const ConsensusSettings agreed = consensus_settings(settings);
    FL_TRY_VOID(Consensus::check(agreed));
    FL_TRY_VOID(check(pipeline_settings(settings)));
    enter(LifeState::recovering, "reads its folder");
    FL_TRY(Storage::Opened opened,
           Storage::open({.folder = settings.folder,
                          .level = settings.level,
                          .segment_bytes = settings.segment_bytes,
                          .sync_period = settings.sync_period},
                         storage_callbacks()));
    storage = std::move(opened.storage);
    for (const std::string& note : opened.notes) {
        tell({.at = now(), .name = "recovery", .fields = {{"note", note}}});
    }
    outside = std::make_unique<OutsideActions>(loop);
    pipeline = std::make_unique<Pipeline>(pipeline_settings(settings), now());
    unsynced.start_with(opened.recovered.hard_state);
    const SnapshotMark snapshot = opened.recovered.snapshot;
    consensus.emplace(agreed, std::move(opened.recovered), random.fork("consensus"), now());
    if (snapshot.index != 0) FL_TRY_VOID(rebuild());
    if (opened.corrupted) {
        error_log.record(now(), ErrorCode::corrupted, "found when the folder was read");
        pipeline->signal(now(),
                         signal::Corruption{"log or snapshot, found when the folder was read"});
    }
    FL_TRY_VOID(open_peers());
    enter(LifeState::secondary, "joins the group");
    beat_at = resources_at = now();
    ask_for_turn();
    return {};
}

bool Node::State::full() {
    return requests.full(held_writes.size()) || (shed_share > 0 && random.uniform() < shed_share);
}

void Node::State::write(std::string command, WriteDone write_done) {
    const bool held = stop_done || consensus->handing_over();
    ErrorCode refusal = ErrorCode::none;
    if (isolated)
        refusal = ErrorCode::not_ready;
    else if (consensus->role() != Role::leader)
        refusal = consensus->leader() == nobody ? ErrorCode::no_primary : ErrorCode::not_primary;
    else if (!held && refuse_writes != ErrorCode::none)
        refusal = refuse_writes;
    else if (full())
        refusal = ErrorCode::overloaded;
    if (refusal != ErrorCode::none) return write_done(refusal, {});
    if (held) {
        held_writes.emplace_back(std::move(command), std::move(write_done));
        return;
    }
    proposals.push_back(
        {.token = requests.add_write(now(), std::move(write_done)), .data = std::move(command)});
    ask_for_turn();
}

void Node::State::read(ReadDone read_done) {
    ErrorCode refusal = ErrorCode::none;
    if (isolated)
        refusal = ErrorCode::not_ready;
    else if (consensus->role() != Role::leader)
        refusal = consensus->leader() == nobody ? ErrorCode::no_primary : ErrorCode::not_primary;
    else if (full())
        refusal = ErrorCode::overloaded;
    if (refusal != ErrorCode::none) return read_done(refusal);
    const Instant t = now();
    // Under a lease nothing has to wait, not even for the end of the turn.
    const auto lease = consensus->lease_until();
    if (consensus->serving() && lease && t < *lease && applied == apply_target &&
        applied >= consensus->commit() && !consensus->handing_over()) {
        ++operations;
        return read_done(ErrorCode::none);
    }
    consensus->read(t, requests.add_read(t, std::move(read_done)));
    ask_for_turn();
}

void Node::State::stop(std::function<void()> when_done) {
    stop_done = std::move(when_done);
    stop_deadline = now() + 2 * settings.hand_over_patience;
    if (consensus->role() == Role::leader) {
        hand_over(
            now(), "the process was asked to stop", {.patience = 2 * settings.hand_over_patience});
    } else if (settings.members.size() == 1 || consensus->leader() == nobody) {
        stop_deadline = now();
    }
    ask_for_turn();
}

NodeStatus Node::State::status() const {
    return {.role = consensus->role(),
            .serving = consensus->serving(),
            .handing_over = consensus->handing_over(),
            .term = consensus->term(),
            .leader = consensus->leader(),
            .commit = consensus->commit(),
            .applied = applied,
            .last_index = consensus->last_index(),
            .snapshot = consensus->snapshot(),
            .life_cycle = std::string(name_of(life.state())),
            .storage_ok = storage_ok,
            .pending = requests.size() + held_writes.size(),
            .log_bytes = storage->log_bytes(),
            .elections = elections,
            .operations = operations,
            .storage_latency = pipeline->health().storage_latency,
            .peers = consensus->progress()};
}

Result<std::unique_ptr<Node>> Node::open(boost::asio::io_context& loop,
                                         NodeSettings settings,
                                         StateMachine& machine) {
    if (std::none_of(
            settings.members.begin(),
            settings.members.end(),
            [&settings](const NodeAddress& member) { return member.id == settings.self; })) {
        return fail(fmt::format("node {} is not among the members of its group", settings.self),
                    faultline::ErrorCode::invalid);
    }
    auto state = std::make_shared<State>(loop, std::move(settings), machine);
    FL_TRY_VOID(state->open());
    return std::unique_ptr<Node>(new Node(std::move(state)));
}

Node::Node(std::shared_ptr<State> state) : state_(std::move(state)) {}

Node::~Node() {
    state_->server.reset();
    state_->links.clear();
    state_->timer.cancel();
    state_->outside.reset();
    state_->storage.reset();  // joins its thread; what was submitted is on disk
}

void Node::write(std::string command, WriteDone done) {
    state_->write(std::move(command), std::move(done));
}
void Node::read(ReadDone done) {
    state_->read(std::move(done));
}
Result<> Node::hand_over(HandOverOptions options) {
    return state_->hand_over_when_asked(options);
}
Result<> Node::keep_lead() {
    return state_->keep_lead();
}
void Node::stop(std::function<void()> done) {
    state_->stop(std::move(done));
}
NodeStatus Node::status() const {
    return state_->status();
}
const NodeSettings& Node::settings() const {
    return state_->settings;
}
const NodeAddress* Node::primary() const {
    return state_->address_of(state_->consensus->leader());
}
std::vector<std::string> Node::report() const {
    return state_->pipeline->report();
}
std::vector<std::string> Node::history() const {
    return state_->life.lines(now());
}
std::vector<std::string> Node::errors() const {
    return state_->error_log.lines(now());
}
void Node::record_error(ErrorCode code, std::string detail) {
    state_->error_log.record(now(), code, std::move(detail));
}
void Node::on_fatal(std::function<void(const std::string&)> handler) {
    state_->fatal_handler = std::move(handler);
}
void Node::on_change(std::function<void()> handler) {
    state_->change_handler = std::move(handler);
}

}  // namespace ftcore
