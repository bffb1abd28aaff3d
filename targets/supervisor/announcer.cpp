// SPDX-License-Identifier: Apache-2.0
#include "targets/supervisor/announcer.hpp"

#include <poll.h>
#include <unistd.h>
#include <vector>

#include <climits>
#include <fmt/format.h>

#include "harness/include/faultline/event.hpp"
#include "targets/core/levels/setting_words.hpp"

namespace ftsupervisor {

void Announcer::event(const ftcore::SupervisorEvent& event) {
    std::vector<faultline::EventField> fields;
    std::string line = event.name;
    for (const auto& [name, value] : event.fields) {
        fields.emplace_back(name, value);
        line +=
            name == "about" ? " " + value : fmt::format(" {}={}", name, ftcore::quote_word(value));
    }
    faultline::send_event(
        event.name, fields.data(), fields.size(), faultline::nanoseconds_of(event.at));
    if (options_.log) say(line);
}

void Announcer::say(const std::string& line) {
    std::string text = fmt::format("ftsupervisor: {}\n", line);
    if (unsaid_ > 0) text = fmt::format("ftsupervisor: ({} lines lost)\n{}", unsaid_, text);
    // A pipe that is writable takes this much without waiting (pipe(7)).
    if (text.size() > PIPE_BUF) text = text.substr(0, PIPE_BUF - 1) + "\n";
    pollfd output{STDERR_FILENO, POLLOUT, 0};
    const bool writable = ::poll(&output, 1, 0) == 1 && (output.revents & POLLOUT) != 0;
    const bool written =
        writable && ::write(STDERR_FILENO, text.data(), text.size()) == ssize_t(text.size());
    unsaid_ = written ? 0 : unsaid_ + 1;
}

}  // namespace ftsupervisor
