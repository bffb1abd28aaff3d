// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/core/runtime/node_group.hpp"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using boost::asio::ip::tcp;
constexpr std::chrono::seconds patience{150};       // sanitized, beside other tests
constexpr std::chrono::seconds fill_patience{120};  // many syncs, on a busy disk

/// A piece of the tape at a time, as it was when this began.
class TapeSource final : public SnapshotSource {
  public:
    TapeSource(Tape& tape, std::string text) : tape_(tape), text_(std::move(text)) {
        tape.open_sources_max = std::max(tape.open_sources_max, ++tape.open_sources);
    }
    ~TapeSource() override { --tape_.open_sources; }
    TapeSource(const TapeSource&) = delete;
    TapeSource& operator=(const TapeSource&) = delete;

    [[nodiscard]] std::string next() override {
        std::string piece = text_.substr(given_, tape_.piece_bytes);
        given_ += piece.size();
        return piece;
    }

  private:
    Tape& tape_;
    std::string text_;
    std::size_t given_ = 0;
};

}  // namespace

std::string Tape::apply(std::string_view command) {
    text += command;
    return std::to_string(++commands);
}
std::unique_ptr<SnapshotSource> Tape::snapshot() {
    ++snapshots;
    return std::make_unique<TapeSource>(*this, text);
}
void Tape::restore_begin() {
    text.clear();
}
Result<> Tape::restore_piece(std::string_view piece) {
    text += piece;
    return {};
}
Result<> Tape::restore_end() {
    if (refuses_snapshots && !text.empty()) return faultline::fail("this tape cannot be read");
    return {};
}

NodeGroup::NodeGroup(std::size_t count, Options options) : nodes(count) {
    std::string pattern = (std::filesystem::temp_directory_path() / "node-group-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    std::vector<NodeAddress> members;
    for (std::size_t node = 0; node < count; ++node) {
        tcp::socket port(loop, tcp::v4());
        port.set_option(tcp::socket::reuse_address(true));
        port.bind({boost::asio::ip::address_v4::loopback(), 0});
        members.push_back({.id = static_cast<NodeId>(node + 1),
                           .name = "node[" + std::to_string(node) + "]",
                           .peer_port = port.local_endpoint().port()});
        ports_.push_back(std::move(port));
        tapes.push_back(std::make_unique<Tape>());
    }
    for (std::size_t node = 0; node < count; ++node) {
        settings.push_back({.self = members[node].id, .members = members, .folder = folder(node)});
        for (std::size_t other = 0; other < count && options.relayed; ++other) {
            if (other == node) continue;
            auto& relay = relays_[{node, other}];
            relay = std::make_unique<Relay>(loop, members[other].peer_port);
            settings.back().members[other].peer_port = relay->port();
        }
        if (options.adjust) options.adjust(settings.back());
    }
}

NodeGroup::~NodeGroup() {
    nodes.clear();
    relays_.clear();
    loop.restart();
    loop.poll();  // what was on its way to them finds nobody
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
}

std::filesystem::path NodeGroup::folder(std::size_t node) const {
    return root_ / std::to_string(node);
}

Result<> NodeGroup::open(std::size_t node) {
    FL_TRY(nodes[node], Node::open(loop, settings[node], *tapes[node]));
    return {};
}

void NodeGroup::start() {
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        const auto opened = open(node);
        ASSERT_TRUE(opened) << opened.error().message;
    }
    run_until([this] { return primary().has_value(); }, "somebody serves");
}

bool NodeGroup::run_until(const std::function<bool()>& condition, const std::string& what) {
    const Instant deadline = faultline::now() + patience;
    loop.restart();
    while (!condition()) {
        if (faultline::now() > deadline) {
            ADD_FAILURE() << "waited in vain until " << what;
            return false;
        }
        loop.run_one_for(std::chrono::milliseconds(100));
    }
    return true;
}

void NodeGroup::run_for(Duration span) {
    const Instant end = faultline::now() + span;
    loop.restart();
    for (Instant t = faultline::now(); t < end; t = faultline::now())
        loop.run_one_for(end - t);
}

void NodeGroup::stall(std::size_t from, std::size_t to, bool on) {
    relay(from, to).stall_forth(on);
    relay(to, from).stall_back(on);
}

void NodeGroup::disconnect(std::size_t a, std::size_t b, bool on) {
    relay(a, b).refuse(on);
    relay(b, a).refuse(on);
}

bool NodeGroup::converged() const {
    return std::ranges::all_of(tapes,
                               [this](const auto& tape) { return tape->text == tapes[0]->text; });
}

std::optional<std::size_t> NodeGroup::primary() const {
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        if (nodes[node] && nodes[node]->status().serving) return node;
    }
    return std::nullopt;
}

std::shared_ptr<NodeGroup::Write> NodeGroup::write(std::size_t node, std::string command) {
    auto result = std::make_shared<Write>();
    nodes[node]->write(std::move(command), [result](ErrorCode outcome, std::string_view) {
        result->outcome = outcome;
        ++result->answers;
    });
    return result;
}

void NodeGroup::fill(std::size_t count, std::size_t bytes) {
    constexpr std::size_t at_once = 256;
    const Instant deadline = faultline::now() + fill_patience;
    for (std::size_t done = 0; done < count && faultline::now() < deadline;) {
        if (!run_until([this] { return primary().has_value(); }, "somebody serves")) return;
        std::vector<std::shared_ptr<Write>> writes;
        for (std::size_t one = 0; one < std::min(at_once, count - done); ++one)
            writes.push_back(write(*primary(), std::string(bytes, 'x')));
        run_until(
            [&] {
                return std::ranges::all_of(
                    writes, [](const auto& one) { return one->outcome.has_value(); });
            },
            "the writes are answered");
        // On a busy machine the lead may change hands meanwhile.
        done += static_cast<std::size_t>(std::ranges::count_if(
            writes, [](const auto& one) { return one->outcome == ErrorCode::none; }));
    }
    EXPECT_LT(faultline::now(), deadline) << "the writes took too long";
}

}  // namespace ftcore::testing
