// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/link_benchmark_proxies.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/inject/link/engine.hpp"

namespace faultline::bench {
namespace {

/// Holds bytes back for a fixed time, like link.latency.
class DelayStage final : public link::Stage {
  public:
    explicit DelayStage(Duration delay) : delay_(delay) {}
    void push(link::Chunk chunk, link::Outlet&) override { held_.push_back(std::move(chunk)); }
    [[nodiscard]] Instant wake() const override {
        return held_.empty() ? Instant::max() : held_.front().at + delay_;
    }
    void advance(Instant now, link::Outlet& below) override {
        while (!held_.empty() && held_.front().at + delay_ <= now)
            pass_one(below);
    }
    void release(Instant, link::Outlet& below) override {
        while (!held_.empty())
            pass_one(below);
    }

  private:
    void pass_one(link::Outlet& below) {
        link::Chunk chunk = std::move(held_.front());
        held_.pop_front();
        chunk.at += delay_;
        below.push(std::move(chunk));
    }
    Duration delay_;
    std::deque<link::Chunk> held_;
};

class DelayEffect final : public link::Effect {
  public:
    explicit DelayEffect(Duration delay) : delay_(delay) {}
    [[nodiscard]] Stages attach(Random, link::Tally&) override {
        return {.up = std::make_unique<DelayStage>(delay_)};
    }

  private:
    Duration delay_;
};

/// One order to our proxy's process, and its answer.
struct Order {
    enum class What : std::uint8_t { lead_to, delay, time_changes } what;
    std::uint16_t port;
    std::int64_t value;  // nanoseconds, or times
};

void put_delay(link::Engine& engine, link::LinkId link, Duration delay) {
    std::shared_ptr<link::Effect> effect;
    if (delay > Duration::zero()) effect = std::make_shared<DelayEffect>(delay);
    engine.apply({{.link = link, .id = "delay", .effect = std::move(effect)}});
}

/// Times `change`, called with a delay and with none by turns.
template <class Change>
std::vector<Duration> timed_changes(std::int64_t times, Change change) {
    std::vector<Duration> took;
    for (std::int64_t count = 0; count < times; ++count) {
        const Instant begin = now();
        change(Duration(std::chrono::milliseconds(count % 2 == 0 ? 50 : 0)));
        took.push_back(now() - begin);
    }
    return took;
}

std::uint16_t open_link(link::Engine& engine,
                        std::map<std::uint16_t, link::LinkId>& links,
                        std::uint16_t upstream) {
    const auto id = engine.open({.name = fmt::format("to {}", links.size()),
                                 .listen = "127.0.0.1:0",
                                 .upstream = fmt::format("127.0.0.1:{}", upstream)});
    FL_CHECK(id.has_value());
    const std::string address = engine.listen_address(*id);
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
    links[port] = *id;
    return port;
}

[[noreturn]] void serve_orders(int orders) {
    auto engine = link::Engine::start({.seed = 1});
    FL_CHECK(engine.has_value());
    std::map<std::uint16_t, link::LinkId> links;
    Order order{};
    while (::read(orders, &order, sizeof order) == static_cast<ssize_t>(sizeof order)) {
        std::vector<std::int64_t> answer;
        switch (order.what) {
            case Order::What::lead_to:
                answer.push_back(open_link(**engine, links, order.port));
                break;
            case Order::What::delay:
                put_delay(**engine, links.at(order.port), Duration(order.value));
                answer.push_back(0);
                break;
            case Order::What::time_changes:
                for (const Duration took : timed_changes(order.value, [&](Duration delay) {
                         put_delay(**engine, links.at(order.port), delay);
                     }))
                    answer.push_back(took.count());
                break;
        }
        const std::size_t bytes = answer.size() * sizeof answer[0];
        FL_CHECK(::write(orders, answer.data(), bytes) == static_cast<ssize_t>(bytes));
    }
    ::_exit(0);
}

class OurProxy final : public Proxy {
  public:
    OurProxy(UniqueFd orders, Process process)
        : orders_(std::move(orders)), process_(std::move(process)) {}
    std::string name() const override { return "faultline"; }
    std::uint16_t lead_to(std::uint16_t upstream) override {
        return static_cast<std::uint16_t>(carry_out({Order::What::lead_to, upstream, 0}).at(0));
    }
    void delay(std::uint16_t port, Duration delay) override {
        static_cast<void>(carry_out({Order::What::delay, port, delay.count()}));
    }
    std::vector<Duration> time_changes(std::uint16_t port, int times) override {
        std::vector<Duration> took;
        for (const std::int64_t one : carry_out({Order::What::time_changes, port, times}))
            took.emplace_back(one);
        return took;
    }
    const Process& process() const override { return process_; }

  private:
    std::vector<std::int64_t> carry_out(const Order& order) const {
        std::vector<std::int64_t> answer(10'000);
        FL_CHECK(::write(orders_.get(), &order, sizeof order) == sizeof order);
        const ssize_t bytes =
            ::read(orders_.get(), answer.data(), answer.size() * sizeof answer[0]);
        FL_CHECK_OP(>, bytes, 0);
        answer.resize(static_cast<std::size_t>(bytes) / sizeof answer[0]);
        return answer;
    }
    UniqueFd orders_;
    Process process_;
};

class Toxiproxy final : public Proxy {
  public:
    Toxiproxy(std::uint16_t api, Process process) : api_(api), process_(std::move(process)) {}
    std::string name() const override { return "toxiproxy"; }
    std::uint16_t lead_to(std::uint16_t upstream) override {
        const std::uint16_t port = free_port();
        request(
            "POST",
            "/proxies",
            fmt::format(R"({{"name":"to{0}","listen":"127.0.0.1:{0}","upstream":"127.0.0.1:{1}"}})",
                        port,
                        upstream));
        return port;
    }
    void delay(std::uint16_t port, Duration delay) override {
        const std::string toxics = fmt::format("/proxies/to{}/toxics", port);
        if (delay == Duration::zero()) return request("DELETE", toxics + "/delay", "");
        request("POST",
                toxics,
                fmt::format(R"({{"name":"delay","type":"latency","stream":"upstream",)"
                            R"("attributes":{{"latency":{}}}}})",
                            std::chrono::duration_cast<std::chrono::milliseconds>(delay).count()));
    }
    std::vector<Duration> time_changes(std::uint16_t port, int times) override {
        return timed_changes(times, [&](Duration value) { delay(port, value); });
    }
    const Process& process() const override { return process_; }

  private:
    void request(const std::string& method, const std::string& path, const std::string& body) {
        const UniqueFd fd = connect_to(api_);
        send_all(fd.get(),
                 fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                             "Content-Length: {}\r\n\r\n{}",
                             method,
                             path,
                             body.size(),
                             body));
        std::string answer;
        std::array<char, 4096> some{};
        for (ssize_t count = 0; (count = ::recv(fd.get(), some.data(), some.size(), 0)) > 0;)
            answer.append(some.data(), static_cast<std::size_t>(count));
        if (!answer.starts_with("HTTP/1.1 2")) {
            fmt::print(stderr, "{} {}: {}\n", method, path, answer);
            std::abort();
        }
    }
    std::uint16_t api_;
    Process process_;
};

}  // namespace

std::unique_ptr<Proxy> start_our_proxy() {
    int ends[2];
    FL_CHECK(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    UniqueFd ours(ends[0]);
    const UniqueFd theirs(ends[1]);
    const pid_t pid = fork_dying_with_us();
    if (pid == 0) {
        ours.reset();
        serve_orders(theirs.get());
    }
    return std::make_unique<OurProxy>(std::move(ours), Process(pid));
}

std::unique_ptr<Proxy> start_toxiproxy(const std::string& program) {
    const std::uint16_t port = free_port();
    auto proxy = std::make_unique<Toxiproxy>(
        port, started({program, "-host", "127.0.0.1", "-port", std::to_string(port)}));
    wait_for(port);
    return proxy;
}

}  // namespace faultline::bench
