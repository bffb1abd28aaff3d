// SPDX-License-Identifier: Apache-2.0
#include "harness/load/drivers/redis_ask.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

namespace faultline {
namespace {

/// Waits on `waits` until something happens or `deadline`. False: the deadline has come.
bool poll_until(std::vector<pollfd>& waits, Instant deadline) {
    const Duration span = std::max(Duration(0), deadline - now());
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(span);
    const timespec limit{.tv_sec = whole.count(), .tv_nsec = (span - whole).count()};
    const int count = ::ppoll(waits.data(), waits.size(), &limit, nullptr);
    return count > 0 || (count < 0 && errno == EINTR && now() < deadline);
}

/// Receives what is there. False: the connection has ended.
bool receive_into(int fd, std::string& in) {
    std::array<char, 16384> chunk;  // NOLINT: filled by recv
    const ssize_t count = ::recv(fd, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    in.append(chunk.data(), static_cast<std::size_t>(count));
    return count > 0;
}

/// One question on its way: the request goes out when the socket is writable, which also ends the
/// connect, and the answer comes in pieces.
struct Question {
    std::size_t index = 0;
    UniqueFd fd{};
    bool sent = false;
    std::string in{};
};

enum class Progress { going, answered, failed };

Progress advance(Question& question, std::string_view request, RespParse& answer) {
    if (!question.sent) {
        if (connect_error(question.fd.get()) != 0) return Progress::failed;
        const ssize_t count =
            ::send(question.fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
        // A question is far smaller than an empty socket buffer: all or nothing.
        if (count != static_cast<ssize_t>(request.size())) return Progress::failed;
        question.sent = true;
        return Progress::going;
    }
    const bool open = receive_into(question.fd.get(), question.in);
    answer = parse_resp(question.in);
    if (answer.state == RespParse::State::complete) return Progress::answered;
    return open && answer.state == RespParse::State::incomplete ? Progress::going
                                                                : Progress::failed;
}

}  // namespace

int ask_all(const std::vector<SocketAddress>& addresses,
            std::string_view request,
            Instant deadline,
            int cancel_fd,
            const std::function<bool(std::size_t index, const RespValue& answer)>& on_answer) {
    std::vector<Question> questions;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        ConnectStart start = start_connect(addresses[i]);
        if (start.error == 0) questions.push_back(Question{i, std::move(start.fd)});
    }
    int answers = 0;
    while (!questions.empty()) {
        std::vector<pollfd> waits{{.fd = cancel_fd, .events = POLLIN, .revents = 0}};
        for (const Question& question : questions) {
            const short events = question.sent ? POLLIN : POLLOUT;
            waits.push_back({.fd = question.fd.get(), .events = events, .revents = 0});
        }
        if (!poll_until(waits, deadline) || waits[0].revents != 0) return answers;
        std::vector<Question> rest;
        for (std::size_t i = 0; i < questions.size(); ++i) {
            RespParse answer;
            const Progress progress = waits[i + 1].revents == 0
                                          ? Progress::going
                                          : advance(questions[i], request, answer);
            if (progress == Progress::going) rest.push_back(std::move(questions[i]));
            if (progress != Progress::answered) continue;
            ++answers;
            if (on_answer(questions[i].index, answer.value)) return answers;
        }
        questions = std::move(rest);
    }
    return answers;
}

Result<RespClient> RespClient::connect(const SocketAddress& address, Instant deadline) {
    ConnectStart start = start_connect(address);
    if (start.error == 0 && !start.connected) {
        std::vector<pollfd> waits{{.fd = start.fd.get(), .events = POLLOUT, .revents = 0}};
        start.error = poll_until(waits, deadline) ? connect_error(start.fd.get()) : ETIMEDOUT;
    }
    if (start.error != 0) return fail_errno("connecting", start.error);
    return RespClient(std::move(start.fd));
}

Result<> RespClient::exchange(std::string_view requests,
                              std::size_t count,
                              Instant deadline,
                              const std::function<bool(const RespValue&)>& on_reply) {
    std::size_t used = 0;
    while (count > 0) {
        const short events = requests.empty() ? POLLIN : POLLIN | POLLOUT;
        std::vector<pollfd> waits{{.fd = fd_.get(), .events = events, .revents = 0}};
        if (!poll_until(waits, deadline)) return fail("no reply in time", ErrorCode::timeout);
        if ((waits[0].revents & POLLOUT) != 0) {
            const ssize_t sent =
                ::send(fd_.get(), requests.data(), requests.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0 && errno != EAGAIN && errno != EINTR) return fail_errno("sending", errno);
            if (sent > 0) requests.remove_prefix(static_cast<std::size_t>(sent));
        }
        if ((waits[0].revents & ~POLLOUT) == 0) continue;
        const bool open = receive_into(fd_.get(), in_);
        for (; count > 0; --count) {
            const RespParse reply = parse_resp(std::string_view(in_).substr(used));
            if (reply.state == RespParse::State::broken) return fail("the reply is not RESP");
            if (reply.state == RespParse::State::incomplete) break;
            used += reply.bytes;
            if (!on_reply(reply.value)) return {};
        }
        in_.erase(0, std::exchange(used, 0));
        if (!open && count > 0) return fail("the connection ended");
    }
    return {};
}

}  // namespace faultline
