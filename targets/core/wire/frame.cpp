// SPDX-License-Identifier: Apache-2.0
#include "targets/core/wire/frame.hpp"

#include <cstring>
#include <peer.pb.h>  // generated from peer.proto

#include <fmt/format.h>

#include "targets/core/protect/crc32c.hpp"

namespace ftcore {
namespace {

constexpr std::size_t header_bytes = 8;

std::uint64_t ns_of(Duration span) {
    return span.count() < 0 ? 0 : static_cast<std::uint64_t>(span.count());
}
/// A peer's number must not overflow our signed nanoseconds.
Duration span_of(std::uint64_t ns) {
    constexpr std::uint64_t max = std::uint64_t{1} << 62;
    return Duration(static_cast<std::int64_t>(std::min(ns, max)));
}

void encode(wire::Entry& out, const Entry& entry) {
    out.set_index(entry.index);
    out.set_term(entry.term);
    out.set_kind(static_cast<std::uint32_t>(entry.kind));
    out.set_data(entry.data);
}

struct BodyEncoder {
    wire::Message& out;

    void operator()(const VoteRequest& body) const {
        auto& message = *out.mutable_vote_request();
        message.set_pre(body.pre);
        message.set_leader_gone(body.leader_gone);
        message.set_last_index(body.last_index);
        message.set_last_term(body.last_term);
        message.set_attempt(body.attempt);
    }
    void operator()(const VoteReply& body) const {
        auto& message = *out.mutable_vote_reply();
        message.set_pre(body.pre);
        message.set_granted(body.granted);
        message.set_promise_left_ns(ns_of(body.promise_left));
        message.set_attempt(body.attempt);
    }
    void operator()(const AppendRequest& body) const {
        auto& message = *out.mutable_append_request();
        message.set_previous_index(body.previous_index);
        message.set_previous_term(body.previous_term);
        message.set_commit(body.commit);
        message.set_round(body.round);
        for (const Entry& entry : body.entries)
            encode(*message.add_entries(), entry);
    }
    void operator()(const AppendReply& body) const {
        auto& message = *out.mutable_append_reply();
        message.set_accepted(body.accepted);
        message.set_match(body.match);
        message.set_conflict_index(body.conflict_index);
        message.set_conflict_term(body.conflict_term);
        message.set_round(body.round);
    }
    void operator()(const SnapshotChunk& body) const {
        auto& message = *out.mutable_snapshot_chunk();
        message.set_index(body.mark.index);
        message.set_term(body.mark.term);
        message.set_offset(body.offset);
        message.set_last(body.last);
        message.set_round(body.round);
        message.set_data(body.data);
    }
    void operator()(const SnapshotReply& body) const {
        auto& message = *out.mutable_snapshot_reply();
        message.set_index(body.mark.index);
        message.set_term(body.mark.term);
        message.set_next_offset(body.next_offset);
        message.set_done(body.done);
        message.set_round(body.round);
    }
    void operator()(const HandOver&) const { out.mutable_hand_over(); }
};

AppendRequest decode(wire::AppendRequest& message) {
    AppendRequest body{.previous_index = message.previous_index(),
                       .previous_term = message.previous_term(),
                       .commit = message.commit(),
                       .round = message.round(),
                       .entries = {}};
    body.entries.reserve(static_cast<std::size_t>(message.entries_size()));
    for (wire::Entry& entry : *message.mutable_entries()) {
        body.entries.push_back({.index = entry.index(),
                                .term = entry.term(),
                                .kind = entry.kind() == 0 ? EntryKind::no_op : EntryKind::command,
                                .data = std::move(*entry.mutable_data())});
    }
    return body;
}

std::optional<MessageBody> decode_body(wire::Message& message) {
    switch (message.body_case()) {
        case wire::Message::kVoteRequest: {
            const auto& body = message.vote_request();
            return VoteRequest{.pre = body.pre(),
                               .leader_gone = body.leader_gone(),
                               .last_index = body.last_index(),
                               .last_term = body.last_term(),
                               .attempt = body.attempt()};
        }
        case wire::Message::kVoteReply: {
            const auto& body = message.vote_reply();
            return VoteReply{.pre = body.pre(),
                             .granted = body.granted(),
                             .promise_left = span_of(body.promise_left_ns()),
                             .attempt = body.attempt()};
        }
        case wire::Message::kAppendRequest:
            return decode(*message.mutable_append_request());
        case wire::Message::kAppendReply: {
            const auto& body = message.append_reply();
            return AppendReply{.accepted = body.accepted(),
                               .match = body.match(),
                               .conflict_index = body.conflict_index(),
                               .conflict_term = body.conflict_term(),
                               .round = body.round()};
        }
        case wire::Message::kSnapshotChunk: {
            auto& body = *message.mutable_snapshot_chunk();
            return SnapshotChunk{.mark = {.index = body.index(), .term = body.term()},
                                 .offset = body.offset(),
                                 .last = body.last(),
                                 .round = body.round(),
                                 .data = std::move(*body.mutable_data())};
        }
        case wire::Message::kSnapshotReply: {
            const auto& body = message.snapshot_reply();
            return SnapshotReply{.mark = {.index = body.index(), .term = body.term()},
                                 .next_offset = body.next_offset(),
                                 .done = body.done(),
                                 .round = body.round()};
        }
        case wire::Message::kHandOver:
            return HandOver{};
        case wire::Message::BODY_NOT_SET:
            return std::nullopt;
    }
    return std::nullopt;
}

void encode(wire::Beat& out, const Beat& beat) {
    out.set_sequence(beat.sequence);
    out.set_interval_ns(ns_of(beat.interval));
    wire::Health& health = *out.mutable_health();
    health.set_storage_latency_ns(ns_of(beat.health.storage_latency));
    health.set_storage_ok(beat.health.storage_ok);
    health.set_serving(beat.health.serving);
    health.set_overloaded(beat.health.overloaded);
    health.set_loop_lag_ns(ns_of(beat.health.loop_lag));
    for (const NodeId peer : beat.health.unreachable)
        health.add_unreachable(peer);
}

Beat decode(const wire::Beat& beat) {
    const wire::Health& health = beat.health();
    return {.sequence = beat.sequence(),
            .interval = span_of(beat.interval_ns()),
            .health = {.storage_latency = span_of(health.storage_latency_ns()),
                       .storage_ok = health.storage_ok(),
                       .serving = health.serving(),
                       .overloaded = health.overloaded(),
                       .loop_lag = span_of(health.loop_lag_ns()),
                       .unreachable = {health.unreachable().begin(), health.unreachable().end()}}};
}

FrameParse broken(std::string reason) {
    return {.state = FrameParse::State::broken, .reason = std::move(reason)};
}

std::uint32_t read_u32(const char* bytes) {
    std::uint32_t value = 0;
    for (int index = 3; index >= 0; --index)
        value = value << 8 | static_cast<unsigned char>(bytes[index]);
    return value;
}
void write_u32(char* bytes, std::uint32_t value) {
    for (int index = 0; index < 4; ++index, value >>= 8)
        bytes[index] = static_cast<char>(value);
}

}  // namespace

void append_frame(std::string& out, const Frame& frame) {
    wire::Frame message;
    if (frame.hello) {
        wire::Hello& hello = *message.mutable_hello();
        hello.set_version(frame.hello->version);
        hello.set_cluster(frame.hello->cluster);
        hello.set_node(frame.hello->node);
        hello.set_incarnation(frame.hello->incarnation);
        hello.set_level(static_cast<std::uint32_t>(frame.hello->level));
        hello.set_connection(frame.hello->connection);
    }
    if (frame.beat) encode(*message.mutable_beat(), *frame.beat);
    for (const Message& one : frame.messages) {
        wire::Message& encoded = *message.add_messages();
        encoded.set_term(one.term);
        std::visit(BodyEncoder{encoded}, one.body);
    }
    const std::size_t begin = out.size();
    out.append(header_bytes, '\0');
    message.AppendToString(&out);
    const std::string_view payload = std::string_view(out).substr(begin + header_bytes);
    write_u32(out.data() + begin, static_cast<std::uint32_t>(payload.size()));
    write_u32(out.data() + begin + 4, crc32c(payload));
}

FrameParse parse_frame(std::string_view input) {
    if (input.size() < header_bytes) return {};
    const std::size_t length = read_u32(input.data());
    if (length > frame_bytes_max) {
        return broken(
            fmt::format("a frame of {} bytes, the limit is {}: not a peer of this protocol?",
                        length,
                        frame_bytes_max));
    }
    if (input.size() < header_bytes + length) return {};
    const std::string_view payload = input.substr(header_bytes, length);
    if (crc32c(payload) != read_u32(input.data() + 4))
        return broken("the checksum of a frame does not match: damaged on the way");
    wire::Frame message;
    if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
        return broken("a frame that is not one of this protocol");

    FrameParse result{.state = FrameParse::State::complete, .bytes = header_bytes + length};
    if (message.has_hello()) {
        const wire::Hello& hello = message.hello();
        if (hello.version() != wire_version) {
            return broken(fmt::format(
                "the peer speaks version {} of the protocol, this node {}: upgrade the older one",
                hello.version(),
                wire_version));
        }
        if (hello.level() > static_cast<std::uint32_t>(Level::low))
            return broken(fmt::format("a Hello with the unknown level {}", hello.level()));
        result.frame.hello = Hello{.version = hello.version(),
                                   .cluster = hello.cluster(),
                                   .node = hello.node(),
                                   .incarnation = hello.incarnation(),
                                   .level = static_cast<Level>(hello.level()),
                                   .connection = hello.connection()};
    }
    if (message.has_beat()) result.frame.beat = decode(message.beat());
    for (wire::Message& one : *message.mutable_messages()) {
        auto body = decode_body(one);
        if (!body) return broken("a message without a body: from a newer version?");
        result.frame.messages.push_back({.term = one.term(), .body = std::move(*body)});
    }
    return result;
}

}  // namespace ftcore
