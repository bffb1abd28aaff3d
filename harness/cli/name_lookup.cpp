// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/name_lookup.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

namespace faultline::cli {
namespace {

namespace asio = boost::asio;

constexpr std::size_t threads = 4;       // that may wait for a name server
constexpr std::size_t waiting_max = 64;  // requests that wait for one of them
constexpr std::chrono::seconds answer_within{5};

link::AddressBook::Entry look_up_one(const std::string& host) {
    link::AddressBook::Entry entry;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); error != 0) {
        entry.error = ::gai_strerror(error);
        return entry;
    }
    for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
        char number[NI_MAXHOST];
        if (::getnameinfo(
                one->ai_addr, one->ai_addrlen, number, sizeof number, nullptr, 0, NI_NUMERICHOST) ==
            0)
            entry.numbers.emplace_back(number);
    }
    ::freeaddrinfo(list);
    if (entry.numbers.empty()) entry.error = "it has no address";
    return entry;
}

/// One question, between the loop and the thread that asks. Shared by the timer, the thread's
/// answer and nobody else: which of them comes last is not known.
struct Question {
    Question(asio::io_context& loop, std::function<void(link::AddressBook)> done_in)
        : timer(loop), done(std::move(done_in)) {}
    asio::steady_timer timer;
    std::function<void(link::AddressBook)> done;  // empty once it was called

    void answer(link::AddressBook book) {
        timer.cancel();
        if (const auto call = std::exchange(done, nullptr)) call(std::move(book));
    }
};

link::AddressBook unanswered(const std::vector<std::string>& hosts, const char* why) {
    link::AddressBook book;
    for (const std::string& host : hosts)
        book.hosts[host].error = why;
    return book;
}

}  // namespace

link::AddressBook look_up(const std::vector<std::string>& hosts) {
    link::AddressBook book;
    for (const std::string& host : hosts)
        book.hosts.emplace(host, look_up_one(host));
    return book;
}

struct NameLookup::State {
    asio::io_context& loop;
    std::shared_ptr<std::size_t> waiting = std::make_shared<std::size_t>(0);  // loop's thread
    std::unique_ptr<asio::thread_pool> pool{};  // made when the first name comes
};

NameLookup::NameLookup(asio::io_context& loop)
    : state_(std::make_unique<State>(State{.loop = loop})) {}

NameLookup::~NameLookup() {
    if (!state_->pool) return;
    state_->pool->stop();
    state_->pool->join();
}

void NameLookup::look_up(std::vector<std::string> hosts,
                         std::function<void(link::AddressBook)> done) {
    if (*state_->waiting >= waiting_max)
        return done(unanswered(hosts, "too many names are being looked up"));
    if (!state_->pool) state_->pool = std::make_unique<asio::thread_pool>(threads);
    ++*state_->waiting;
    const auto question = std::make_shared<Question>(state_->loop, std::move(done));
    question->timer.expires_after(answer_within);
    question->timer.async_wait([question, hosts](boost::system::error_code error) {
        if (!error) question->answer(unanswered(hosts, "no name server answered within 5 s"));
    });
    asio::post(*state_->pool,
               [question,
                hosts = std::move(hosts),
                waiting = state_->waiting,
                &loop = state_->loop]() mutable {
                   link::AddressBook book = cli::look_up(hosts);
                   asio::post(loop,
                              [question = std::move(question),
                               waiting = std::move(waiting),
                               book = std::move(book)]() mutable {
                                  --*waiting;
                                  question->answer(std::move(book));
                              });
               });
}

}  // namespace faultline::cli
