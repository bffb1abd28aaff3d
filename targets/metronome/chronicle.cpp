// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/chronicle.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace metronome {
namespace {

constexpr std::size_t entries_max = 1000;

/// The account is for whoever still listens: a closed pipe or a full disk must not change the beat.
void write_if_possible(int fd, std::string_view text) {
    const auto written = faultline::write_all(fd, text);
    static_cast<void>(written);
}

}  // namespace

faultline::Result<Chronicle> Chronicle::open(const std::filesystem::path& log) {
    Chronicle chronicle;
    if (log.empty()) return chronicle;
    chronicle.log_.reset(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!chronicle.log_) return faultline::fail_errno("opening --log " + log.string(), errno);
    return chronicle;
}

void Chronicle::record(std::string_view what,
                       faultline::Instant at,
                       faultline::Instant planned,
                       const Facts& facts) {
    const std::int64_t at_ns = faultline::nanoseconds_of(at);
    std::string line = fmt::format("metronome at={} what={}", at_ns, what);
    std::string object = fmt::format(R"({{"what":"{}","at_ns":{})", what, at_ns);
    if (planned != faultline::Instant{}) {
        line += fmt::format(" planned={}", faultline::nanoseconds_of(planned));
        object += fmt::format(R"(,"planned_ns":{})", faultline::nanoseconds_of(planned));
    }
    for (const auto& [name, value] : facts) {
        line += fmt::format(" {}={}", name, value);
        object += fmt::format(R"(,"{}":"{}")", name, value);
    }
    object += "}";
    write_if_possible(STDOUT_FILENO, line + "\n");
    if (log_) write_if_possible(log_.get(), object + "\n");
    if (entries_.size() < entries_max) entries_.push_back(std::move(object));
}

}  // namespace metronome
