// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/metronome_program.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "harness/base/resp.hpp"

namespace faultline::testing {
namespace {

constexpr std::chrono::seconds patience{30};

/// Appends what can be read before the deadline. False: the end, or nothing in time.
bool read_more(int fd, std::string& into, Instant deadline) {
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now());
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
    std::array<char, 4096> chunk{};
    const ssize_t count = ::read(fd, chunk.data(), chunk.size());
    if (count <= 0) return false;
    into.append(chunk.data(), static_cast<std::size_t>(count));
    return true;
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

Instants facts_of(const std::string& line) {
    Instants facts;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
        const std::size_t equals = word.find('=');
        if (equals != std::string::npos) facts[word.substr(0, equals)] = word.substr(equals + 1);
    }
    return facts;
}

}  // namespace

Metronome::Metronome(const std::vector<std::string>& flags,
                     const std::map<std::string, std::string>& environment) {
    std::array<int, 2> output{};
    std::array<int, 2> error_output{};
    EXPECT_EQ(::pipe2(output.data(), O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(error_output.data(), O_CLOEXEC), 0);
    std::vector<std::string> words{METRONOME_PROGRAM};
    words.insert(words.end(), flags.begin(), flags.end());
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
        ::dup2(output[1], STDOUT_FILENO);
        ::dup2(error_output[1], STDERR_FILENO);
        for (const auto& [name, value] : environment)
            ::setenv(name.c_str(), value.c_str(), 1);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    output_.reset(output[0]);
    error_output_.reset(error_output[0]);
    ::close(output[1]);
    ::close(error_output[1]);
}

Metronome::~Metronome() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

Instants Metronome::wait_for(const std::string& what) {
    const Instant deadline = now() + patience;
    for (;;) {
        for (std::size_t end = unread_.find('\n'); end != std::string::npos;
             end = unread_.find('\n')) {
            const Instants facts = facts_of(unread_.substr(0, end));
            unread_.erase(0, end + 1);
            if (!facts.contains("what")) continue;
            if (facts.at("what") == "listening") listening_ = facts;
            if (facts.at("what") == what) return facts;
        }
        if (!read_more(output_.get(), unread_, deadline)) {
            ADD_FAILURE() << "the metronome did not say what=" << what;
            return {};
        }
    }
}

void Metronome::read_listening() {
    if (listening_.empty()) wait_for("listening");
}
std::uint16_t Metronome::port() {
    read_listening();
    return static_cast<std::uint16_t>(nanoseconds_in(listening_, "port"));
}
std::uint16_t Metronome::http_port() {
    read_listening();
    return static_cast<std::uint16_t>(nanoseconds_in(listening_, "http_port"));
}

void Metronome::send_signal(int signal) const {
    ::kill(pid_, signal);
}

Exit Metronome::wait_exit() {
    Exit exit;
    const Instant deadline = now() + patience;
    while (read_more(error_output_.get(), exit.error_output, deadline)) {
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    if (WIFEXITED(status)) exit.code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) exit.signal = WTERMSIG(status);
    return exit;
}

std::int64_t nanoseconds_in(const Instants& facts, const std::string& name) {
    const auto found = facts.find(name);
    if (found == facts.end()) {
        ADD_FAILURE() << "no fact " << name;
        return 0;
    }
    return std::stoll(found->second);
}

ReservedPort::ReservedPort() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &length);
    number_ = ntohs(address.sin_port);
}

Client::Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address = loopback(port);
    connected_ =
        ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void Client::send(const std::string& bytes) {
    static_cast<void>(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

std::string Client::receive_until(const std::string& end) {
    const Instant deadline = now() + patience;
    while (!unread_.ends_with(end) && read_more(fd_.get(), unread_, deadline)) {
    }
    return std::exchange(unread_, {});
}

std::string Client::receive_line() {
    const Instant deadline = now() + patience;
    while (unread_.find("\r\n") == std::string::npos) {
        if (!read_more(fd_.get(), unread_, deadline)) return {};
    }
    const std::size_t end = unread_.find("\r\n");
    std::string line = unread_.substr(0, end);
    unread_.erase(0, end + 2);
    return line;
}

std::string Client::ask(const std::vector<std::string>& words) {
    send(request_of(words));
    const std::string line = receive_line();
    return line.starts_with('$') && line != "$-1" ? receive_line() : line;
}

std::string request_of(const std::vector<std::string>& words) {
    return command_text(std::vector<std::string_view>(words.begin(), words.end()));
}

std::string ask(std::uint16_t port, const std::vector<std::string>& words) {
    Client client(port);
    return client.connected() ? client.ask(words) : "";
}

std::string http_get(std::uint16_t port, const std::string& path) {
    Client client(port);
    client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    return client.receive_until("no response ends like this");
}

}  // namespace faultline::testing
