// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/proxy_server.hpp"

#include <csignal>
#include <fcntl.h>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/cli/name_lookup.hpp"
#include "harness/cli/proxy_session.hpp"

namespace faultline::cli {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t sessions_max = 256;
constexpr std::chrono::milliseconds accept_again_after{100};
constexpr std::chrono::seconds names_again_after{5};

/// Descriptors kept for clients of the API, for the time when the proxies' connections have used up
/// all others: the API is what helps then.
class SpareDescriptors {
  public:
    SpareDescriptors() { refill(); }
    void refill() {
        while (spares_.size() < spares_max) {
            UniqueFd spare(::open("/dev/null", O_RDONLY | O_CLOEXEC));
            if (!spare) return;
            spares_.push_back(std::move(spare));
        }
    }
    /// False: there is none left.
    bool give_up_one() {
        if (spares_.empty()) return false;
        spares_.pop_back();
        return true;
    }

  private:
    static constexpr std::size_t spares_max = 16;
    std::vector<UniqueFd> spares_;
};

Result<tcp::endpoint> endpoint_of(const std::string& host, std::uint16_t port) {
    error_code error;
    if (const auto number = asio::ip::make_address(host, error); !error)
        return tcp::endpoint(number, port);
    if (host == "localhost" || host.empty())
        return tcp::endpoint(asio::ip::address_v4::loopback(), port);
    const link::AddressBook book = look_up({host});
    const auto& entry = book.hosts.at(host);
    if (entry.numbers.empty())
        return fail(fmt::format("--host {}: {}", host, entry.error), ErrorCode::invalid);
    const auto number = asio::ip::make_address(entry.numbers.front(), error);
    if (error) return fail(fmt::format("--host {}: {}", host, error.message()));
    return tcp::endpoint(number, port);
}

std::string text_of(const tcp::endpoint& endpoint) {
    const std::string host = endpoint.address().to_string();
    return endpoint.address().is_v6() ? fmt::format("[{}]:{}", host, endpoint.port())
                                      : fmt::format("{}:{}", host, endpoint.port());
}

}  // namespace

struct ProxyServer::State {
    explicit State(Options options_in) : options(std::move(options_in)) {}

    Options options;
    // What sessions use, which end with the loop at the latest.
    SpareDescriptors spares{};
    std::unique_ptr<ProxyService> service{};
    asio::io_context loop{1};
    // From now on, so that whoever sees the address printed can also end the server.
    asio::signal_set signals{loop, SIGINT, SIGTERM};
    tcp::acceptor acceptor{loop};
    NameLookup names{loop};
    asio::steady_timer accept_timer{loop};
    asio::steady_timer names_timer{loop};
    int stopped_by = 0;

    Result<> listen(const tcp::endpoint& endpoint) {
        error_code error;
        acceptor.open(endpoint.protocol(), error);
        if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor.bind(endpoint, error);
        if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
        if (error)
            return fail_errno(
                fmt::format("listening on {}; is another server there? choose another --port",
                            text_of(endpoint)),
                error.value());
        return {};
    }

    void accept() {
        acceptor.async_accept([this](error_code error, tcp::socket socket) {
            if (error == asio::error::operation_aborted) return;
            if (error) return accept_later(error);
            spares.refill();
            if (service->sessions < sessions_max) {
                const bool ipv6 = acceptor.local_endpoint(error).protocol() == tcp::v6();
                const int fd = socket.release(error);
                if (!error) start_session(loop, {.fd = UniqueFd(fd), .ipv6 = ipv6}, *service);
            }
            accept();
        });
    }

    void accept_later(error_code error) {
        const bool full = error == asio::error::no_descriptors ||
                          error == error_code(ENFILE, boost::system::system_category());
        if (full && spares.give_up_one()) return accept();
        // A connection that went before it was accepted, or no memory: the next may do better.
        accept_timer.expires_after(accept_again_after);
        accept_timer.async_wait([this](error_code cancelled) {
            if (!cancelled) accept();
        });
    }

    /// Upstreams move, and those unknown at first appear.
    void follow_names() {
        names_timer.expires_after(names_again_after);
        names_timer.async_wait([this](error_code cancelled) {
            if (cancelled) return;
            auto hosts = service->set.upstream_hosts();
            if (hosts.empty()) return follow_names();
            names.look_up(std::move(hosts), [this](const link::AddressBook& book) {
                service->set.follow(book);
                follow_names();
            });
        });
    }
};

Result<std::unique_ptr<ProxyServer>> ProxyServer::listen(Options options) {
    FL_TRY(const tcp::endpoint endpoint, endpoint_of(options.host, options.port));
    auto state = std::make_unique<State>(std::move(options));
    FL_TRY_VOID(state->listen(endpoint));
    return std::unique_ptr<ProxyServer>(new ProxyServer(std::move(state)));
}

ProxyServer::ProxyServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
ProxyServer::~ProxyServer() = default;

std::string ProxyServer::address() const {
    error_code error;
    return text_of(state_->acceptor.local_endpoint(error));
}

bool ProxyServer::on_loopback() const {
    error_code error;
    return state_->acceptor.local_endpoint(error).address().is_loopback();
}

int ProxyServer::serve(link::ProxySet& set) {
    state_->service = std::make_unique<ProxyService>(
        ProxyService{.set = set, .names = state_->names, .api = state_->options.api});
    state_->service->on_end = [this] { state_->spares.refill(); };
    state_->signals.async_wait([this](error_code error, int number) {
        if (error) return;
        state_->stopped_by = number;
        state_->loop.stop();
    });
    state_->accept();
    state_->follow_names();
    state_->loop.run();
    return state_->stopped_by;
}

}  // namespace faultline::cli
