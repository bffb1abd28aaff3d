// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/session.hpp"

#include "faultline/failpoint.hpp"
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "harness/base/resp_reply.hpp"
#include "targets/kvnode/service.hpp"

namespace kvnode {

namespace asio = boost::asio;
namespace reply = faultline::resp_reply;
using asio::ip::tcp;
using boost::system::error_code;
using faultline::now;
using faultline::parse_resp_request;
using faultline::RespRequest;

namespace {
constexpr std::size_t read_bytes = std::size_t{16} << 10;
}

Session::Session(tcp::socket socket,
                 Service& service,
                 std::uint64_t id,
                 std::function<void(const std::shared_ptr<Session>&)> ended)
    : socket_(std::move(socket)), service_(service), ended_(std::move(ended)), buffer_(read_bytes) {
    client_.id = id;
    error_code error;
    const auto remote = socket_.remote_endpoint(error);
    if (!error) client_.address = fmt::format("{}:{}", remote.address().to_string(), remote.port());
}

void Session::start() {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    receive();
}

void Session::receive() {
    if (receiving_ || closed_ || client_.quit) return;
    // A client that does not read its replies, or asks faster than is answered, waits in the
    // kernel.
    if (slots_.size() >= service_.settings.pipeline_max ||
        unsent_.size() + sending_.size() > service_.settings.unsent_bytes_max)
        return;
    receiving_ = true;
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                                self->receiving_ = false;
                                if (self->closed_) return;
                                if (error) return self->close();
                                self->received_.append(self->buffer_.data(), bytes);
                                self->run_commands();
                            });
}

void Session::run_commands() {
    if (running_)
        return;  // a command that was answered at once asks for the next: the loop below goes on
    running_ = true;
    bool waits = false;
    while (!closed_ && !client_.quit && slots_.size() < service_.settings.pipeline_max) {
        const std::string_view rest = std::string_view(received_).substr(used_);
        const RespRequest request = parse_resp_request(rest, service_.settings.limits);
        if (request.state == RespRequest::State::incomplete) break;
        if (request.state == RespRequest::State::broken) {
            ++service_.protocol_errors_total;
            answer(reply::error(request.error));
            client_.quit = true;
            break;
        }
        if (!request.words.empty() && !run(request.words, rest.substr(0, request.bytes))) {
            waits = true;
            break;
        }
        used_ += request.bytes;
    }
    running_ = false;
    if (closed_) return;
    received_.erase(0, used_);
    used_ = 0;
    send();
    if (!waits) receive();
}

bool Session::run(const Words& words, std::string_view bytes) {
    const CommandInfo* const command = find_command(words.front());
    const bool is_write = command != nullptr && command->kind == CommandKind::write;
    const bool is_read = command != nullptr && command->kind == CommandKind::read;
    if ((is_read && writes_waiting_ != 0) || (is_write && reads_waiting_ != 0)) return false;
    ++service_.commands_total;
    if (FL_FAILPOINT("client.command") != 0) {
        answer(refusal(ftcore::ErrorCode::internal, nullptr, service_.settings.redirect, {}));
    } else if (command == nullptr) {
        answer(
            reply::error(fmt::format("ERR unknown command '{}'; COMMAND LIST names those there are",
                                     words.front().substr(0, 64))));
    } else if (std::string wrong = check_words(*command, words); !wrong.empty()) {
        answer(reply::error(wrong));
    } else if (std::string limit = too_large(*command, words); !limit.empty()) {
        answer(reply::error(limit));
    } else if (is_write) {
        run_write(words, bytes);
    } else if (is_read) {
        run_read(*command, bytes);
    } else {
        answer(answer_session_command(service_, client_, *command, words));
    }
    return true;
}

std::string Session::too_large(const CommandInfo& command, const Words& words) const {
    if (command.key_first == 0) return {};
    const std::size_t last =
        command.key_last < 0 ? words.size() - 1 : static_cast<std::size_t>(command.key_last);
    for (auto index = static_cast<std::size_t>(command.key_first); index <= last;
         index += static_cast<std::size_t>(command.key_step)) {
        if (words[index].size() > service_.settings.key_bytes_max) {
            return fmt::format("ERR a key of {} bytes, the limit is {}",
                               words[index].size(),
                               service_.settings.key_bytes_max);
        }
    }
    return {};
}

void Session::run_write(const Words& words, std::string_view bytes) {
    const std::uint64_t slot = open_slot();
    ++writes_waiting_;
    service_.node.write(
        std::string(bytes),
        [self = shared_from_this(), slot, key = std::string(words[1]), begin = now()](
            ftcore::ErrorCode code, std::string_view text) {
            --self->writes_waiting_;
            self->service_.writes.add(now() - begin);
            if (code == ftcore::ErrorCode::none)
                self->fill(slot, std::string(text));
            else
                self->refuse(slot, code, key);
        });
}

void Session::run_read(const CommandInfo& command, std::string_view bytes) {
    const std::uint64_t slot = open_slot();
    ++reads_waiting_;
    service_.node.read(
        [self = shared_from_this(), &command, slot, begin = now(), text = std::string(bytes)](
            ftcore::ErrorCode code) {
            --self->reads_waiting_;
            self->service_.reads.add(now() - begin);
            const RespRequest request = parse_resp_request(text, self->service_.settings.limits);
            if (code == ftcore::ErrorCode::none)
                self->fill(slot, command.run(self->service_.store, request.words));
            else
                self->refuse(slot, code, request.words.size() > 1 ? request.words[1] : "");
        });
}

std::uint64_t Session::open_slot(std::string text, bool ready) {
    slots_.push_back({.ready = ready, .text = std::move(text)});
    return first_slot_ + slots_.size() - 1;
}

void Session::refuse(std::uint64_t slot, ftcore::ErrorCode code, std::string_view key) {
    ++service_.refusals_total;
    fill(slot, refusal(code, service_.node.primary(), service_.settings.redirect, key));
}

void Session::fill(std::uint64_t slot, std::string text) {
    if (closed_) return;
    Slot& filled = slots_[slot - first_slot_];
    filled.ready = true;
    filled.text = std::move(text);
    if (running_) return;  // `run_commands` sends what it has collected
    send();
    if (!closed_) run_commands();  // what waited for this may go on
}

void Session::send() {
    while (!slots_.empty() && slots_.front().ready) {
        unsent_ += slots_.front().text;
        slots_.pop_front();
        ++first_slot_;
    }
    if (!sending_.empty() || closed_) return;
    if (unsent_.empty()) return finish_if_drained();
    std::swap(sending_, unsent_);
    asio::async_write(socket_,
                      asio::buffer(sending_),
                      [self = shared_from_this()](error_code error, std::size_t) {
                          self->sending_.clear();
                          if (self->closed_) return;
                          if (error) return self->close();
                          self->send();
                          self->receive();
                      });
}

void Session::finish_if_drained() {
    if ((client_.quit || draining_) && slots_.empty() && sending_.empty() && unsent_.empty())
        close();
}

void Session::drain() {
    draining_ = true;
    finish_if_drained();
}

void Session::close() {
    if (closed_) return;
    closed_ = true;
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    ended_(shared_from_this());
}

}  // namespace kvnode
