// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/engine.hpp"

#include <csignal>
#include <fcntl.h>
#include <mutex>
#include <thread>
#include <utility>

#include "harness/inject/link/engine_state.hpp"
#include "harness/inject/link/listener.hpp"
#include "harness/inject/link/realtime.hpp"

namespace faultline::link {
namespace {

/// A thread that hears no signals: they are the main thread's business, and a write to a socket
/// that nobody reads must not end the process (SIGPIPE).
template <class Action>
std::thread thread_without_signals(Action action) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread(std::move(action));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::start(Options options) {
    raise_descriptor_limit();
    auto state = std::make_unique<State>(options);
    FL_TRY_VOID(state->room.reactor.open());
    state->room.reserve = UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    state->thread = thread_without_signals([&room = state->room] {
        const bool paced = room.options.realtime && raise_thread_priority();
        room.reactor.run({.paced = paced});
    });
    return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}

Engine::~Engine() {
    state_->on_thread([this] {
        state_->drop_all();
        state_->room.reactor.stop();
    });
    state_->thread.join();
}

Result<LinkId> Engine::open(LinkOptions options) {
    FL_TRY(const auto listen, resolve_address(options.listen, AddressUse::listen));
    FL_TRY(auto upstream, resolve_address(options.upstream, AddressUse::connect));
    const std::scoped_lock lock(state_->changing);
    FL_TRY_VOID(state_->check_name(options.name));
    std::unique_ptr<Listener> listener;
    State::Entry entry{options.name, listen.front(), options.upstream, options.enabled};
    if (options.enabled) {
        FL_TRY(listener, Listener::open(listen.front()));
        entry.listen = listener->address();
    }
    entry.counters = std::make_shared<LinkCounters>();
    const LinkId id{state_->next_id++};
    state_->on_thread([&] {
        entry.state =
            &state_->make_link(id, {std::move(options.name), std::move(upstream), entry.counters});
        entry.entrance = &state_->keep(std::make_unique<Entrance>(state_->room, *entry.state));
        if (listener) entry.entrance->listen(std::move(listener));
    });
    state_->store(id, std::move(entry));
    return id;
}

Result<std::vector<LinkId>> Engine::open_shared(SharedLinkOptions options) {
    FL_TRY(const auto listen, resolve_address(options.listen, AddressUse::listen));
    FL_TRY(const auto upstream, resolve_address(options.upstream, AddressUse::connect));
    if (options.names.empty() || !options.choose) {
        return fail("links that share an address need names and a chooser", ErrorCode::invalid);
    }
    const std::scoped_lock lock(state_->changing);
    for (const std::string& name : options.names)
        FL_TRY_VOID(state_->check_name(name));
    FL_TRY(auto listener, Listener::open(listen.front()));
    std::vector<LinkId> ids;
    std::vector<State::Entry> entries;
    for (const std::string& name : options.names) {
        ids.push_back(LinkId{state_->next_id++});
        entries.push_back({name, listener->address(), options.upstream, true, true});
        entries.back().counters = std::make_shared<LinkCounters>();
    }
    state_->on_thread([&] {
        std::vector<LinkState*> links;
        for (std::size_t index = 0; index < ids.size(); ++index) {
            entries[index].state = &state_->make_link(
                ids[index], {entries[index].name, upstream, entries[index].counters});
            links.push_back(entries[index].state);
        }
        auto others = std::make_unique<LinkState>(
            state_->room, LinkState::Setup{"", upstream, std::make_shared<LinkCounters>()});
        Entrance& entrance = state_->keep(std::make_unique<Entrance>(
            state_->room, std::move(links), std::move(options.choose), std::move(others)));
        for (State::Entry& entry : entries)
            entry.entrance = &entrance;
        entrance.listen(std::move(listener));
    });
    for (std::size_t index = 0; index < ids.size(); ++index)
        state_->store(ids[index], std::move(entries[index]));
    return ids;
}

void Engine::remove(LinkId link) {
    const std::scoped_lock lock(state_->changing);
    const auto entry = state_->entry(link);
    if (!entry) return;
    state_->forget(link);
    state_->on_thread([&] { state_->drop_link(link, *entry->entrance); });
}

Result<> Engine::set_enabled(LinkId link, bool enabled) {
    const std::scoped_lock lock(state_->changing);
    auto entry = state_->entry(link);
    if (!entry) return fail("no such link", ErrorCode::not_found);
    if (entry->enabled == enabled) return {};
    std::unique_ptr<Listener> listener;
    if (enabled && !entry->shared) {
        FL_TRY(listener, Listener::open(entry->listen));
        entry->listen = listener->address();
    }
    state_->on_thread([&] {
        entry->state->enabled = enabled;
        if (listener) entry->entrance->listen(std::move(listener));
        if (enabled) return;
        if (!entry->shared) static_cast<void>(entry->entrance->stop_listening());
        entry->state->end_connections(OpenConnections::close);
    });
    entry->enabled = enabled;
    state_->store(link, std::move(*entry));
    return {};
}

Result<> Engine::set_addresses(LinkId link,
                               const std::string& listen,
                               const std::string& upstream) {
    FL_TRY(const auto listen_at, resolve_address(listen, AddressUse::listen));
    FL_TRY(auto connect_to, resolve_address(upstream, AddressUse::connect));
    const std::scoped_lock lock(state_->changing);
    auto entry = state_->entry(link);
    if (!entry) return fail("no such link", ErrorCode::not_found);
    if (entry->shared) {
        return fail("link \"" + entry->name + "\" shares its address with others and stays there",
                    ErrorCode::invalid);
    }
    const bool moved = !(listen_at.front() == entry->listen);
    std::unique_ptr<Listener> listener;
    if (moved && entry->enabled) {
        FL_TRY(listener, Listener::open(listen_at.front()));
    }
    if (moved) entry->listen = listener ? listener->address() : listen_at.front();
    entry->upstream_text = upstream;
    state_->on_thread([&] {
        entry->state->end_connections(OpenConnections::close);
        entry->state->set_upstream(std::move(connect_to));
        if (listener) entry->entrance->listen(std::move(listener));
    });
    state_->store(link, std::move(*entry));
    return {};
}

void Engine::apply(std::vector<Change> changes) {
    state_->on_thread([&] {
        state_->apply(changes);
        changes.clear();  // effects that were taken away end on their thread
    });
}

LinkCounts Engine::counts(LinkId link) const {
    const auto entry = state_->entry(link);
    return entry ? entry->counters->read() : LinkCounts{};
}

std::string Engine::listen_address(LinkId link) const {
    const auto entry = state_->entry(link);
    return entry ? entry->listen.text() : std::string();
}

std::string Engine::upstream_address(LinkId link) const {
    const auto entry = state_->entry(link);
    return entry ? entry->upstream_text : std::string();
}

bool Engine::enabled(LinkId link) const {
    const auto entry = state_->entry(link);
    return entry && entry->enabled;
}

}  // namespace faultline::link
