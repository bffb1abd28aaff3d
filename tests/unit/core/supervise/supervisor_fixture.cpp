// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/core/supervise/supervisor_fixture.hpp"

#include <utility>

namespace ftcore {
namespace {

constexpr int steps_max = 10'000;  // a supervisor that spins fails its test

}  // namespace

ChildSpec child_named(const std::string& name, Restart restart) {
    return {.name = name, .restart = restart};
}

void SupervisorTest::supervise(SupervisorSettings settings, std::vector<ChildSpec> children) {
    supervisor_ = Supervisor(settings, std::move(children));
    supervisor_.start(now_);
    obey();
}

void SupervisorTest::supervise_abc(RestartStrategy strategy) {
    supervise({.strategy = strategy}, {child_named("a"), child_named("b"), child_named("c")});
}

void SupervisorTest::obey() {
    for (int step = 0; step < steps_max; ++step) {
        for (SupervisorEvent& event : supervisor_.take_events())
            told_.push_back(std::move(event));
        const auto actions = supervisor_.take_actions();
        if (actions.empty()) return;
        for (const SupervisorAction& action : actions) {
            const auto name = [&] { return supervisor_.spec(action.child).name; };
            switch (action.kind) {
                case SupervisorAction::Kind::start:
                    asked_.push_back("start " + name());
                    if (starts_) {
                        supervisor_.started(now_, action.child);
                    } else {
                        supervisor_.start_failed(now_, action.child, "no such program");
                    }
                    break;
                case SupervisorAction::Kind::stop:
                    asked_.push_back("stop " + name());
                    if (stops_) supervisor_.exited(now_, action.child, {.detail = "signal 15"});
                    break;
                case SupervisorAction::Kind::kill:
                    asked_.push_back("kill " + name());
                    supervisor_.exited(now_, action.child, {.detail = "signal 9"});
                    break;
                case SupervisorAction::Kind::finish:
                    asked_.emplace_back("finish");
                    break;
            }
        }
    }
    ADD_FAILURE() << "the supervisor does not come to rest";
}

std::size_t SupervisorTest::index_of(const std::string& child) const {
    const auto views = supervisor_.view();
    for (std::size_t index = 0; index < views.size(); ++index) {
        if (views[index].name == child) return index;
    }
    ADD_FAILURE() << "no child " << child;
    return 0;
}

ChildState SupervisorTest::state_of(const std::string& child) const {
    return supervisor_.view().at(index_of(child)).state;
}

void SupervisorTest::crash(const std::string& child, const std::string& detail) {
    supervisor_.exited(now_, index_of(child), {.detail = detail});
    obey();
}

void SupervisorTest::end_normally(const std::string& child) {
    supervisor_.exited(now_, index_of(child), {.normal = true, .detail = "exit code 0"});
    obey();
}

void SupervisorTest::beat(const std::string& child) {
    supervisor_.beat(now_, index_of(child));
    obey();
}

void SupervisorTest::stop() {
    supervisor_.stop(now_);
    obey();
}

void SupervisorTest::advance(Duration span) {
    const Instant end = now_ + span;
    for (int step = 0; step < steps_max; ++step) {
        now_ = std::max(now_, std::min(end, supervisor_.deadline()));
        supervisor_.tick(now_);
        obey();
        if (now_ >= end && supervisor_.deadline() > end) return;
    }
    ADD_FAILURE() << "the supervisor wants to be called all the time";
}

void SupervisorTest::sleep_through(Duration span) {
    now_ += span;
    supervisor_.tick(now_);
    obey();
}

SupervisorTest::Words SupervisorTest::told() {
    Words words;
    for (const SupervisorEvent& event : std::exchange(told_, {})) {
        std::string line = event.name;
        for (const char* const key : {"about", "cause", "action", "state", "by"}) {
            if (const auto value = event.field(key); !value.empty())
                line += " " + std::string(value);
        }
        words.push_back(line);
    }
    return words;
}

}  // namespace ftcore
