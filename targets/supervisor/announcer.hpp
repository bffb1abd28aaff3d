// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "targets/core/supervise/supervisor.hpp"

namespace ftsupervisor {

/// Tells what happens: to the harness, where one listens, and to people on standard error. Never
/// waits: a reader that has stopped reading must not stop the supervisor.
class Announcer {
  public:
    struct Options {
        bool log = true;
    };
    explicit Announcer(Options options) : options_(options) {}

    void event(const ftcore::SupervisorEvent& event);
    /// One line for people, whatever the options say.
    void say(const std::string& line);

  private:
    Options options_;
    int unsaid_ = 0;  // lines that standard error did not take
};

}  // namespace ftsupervisor
