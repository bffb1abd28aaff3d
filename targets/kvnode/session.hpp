// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "targets/core/errors/error_code.hpp"
#include "targets/kvnode/session_commands.hpp"

namespace kvnode {

/// One client's connection: reads commands, answers them in their order, many at a time.
///
/// Writes of one connection may wait together, and so may reads; but a read waits for the writes
/// before it and a write for the reads before it, so that a pipeline behaves as if it ran one by
/// one. Thread: the node's loop.
class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(boost::asio::ip::tcp::socket socket,
            Service& service,
            std::uint64_t id,
            std::function<void(const std::shared_ptr<Session>&)> ended);

    void start();
    /// Closes when nothing is unanswered any more.
    void drain();
    void close();

  private:
    struct Slot {
        bool ready = false;
        std::string text{};
    };

    void receive();
    void run_commands();
    /// False: it has to wait for those before it.
    [[nodiscard]] bool run(const Words& words, std::string_view bytes);
    void run_write(const Words& words, std::string_view bytes);
    void run_read(const CommandInfo& command, std::string_view bytes);
    std::uint64_t open_slot(std::string text = {}, bool ready = false);
    void fill(std::uint64_t slot, std::string text);
    void answer(std::string text) { open_slot(std::move(text), true); }
    void refuse(std::uint64_t slot, ftcore::ErrorCode code, std::string_view key);
    void send();
    void finish_if_drained();
    [[nodiscard]] std::string too_large(const CommandInfo& command, const Words& words) const;

    boost::asio::ip::tcp::socket socket_;
    Service& service_;
    ClientState client_;
    std::function<void(const std::shared_ptr<Session>&)> ended_;
    std::vector<char> buffer_;
    std::string received_;
    std::size_t used_ = 0;    // of `received_`
    std::deque<Slot> slots_;  // unanswered or unsent, in the order of their commands
    std::uint64_t first_slot_ = 0;
    std::size_t writes_waiting_ = 0;
    std::size_t reads_waiting_ = 0;
    std::string unsent_;
    std::string sending_;
    bool receiving_ = false;
    bool running_ = false;
    bool closed_ = false;
    bool draining_ = false;
};

}  // namespace kvnode
