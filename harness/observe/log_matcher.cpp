// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/log_matcher.hpp"

#include <re2/re2.h>
#include <utility>
#include <vector>

namespace faultline {

struct LogMatcher::State {
    State(const std::string& pattern, const RE2::Options& options) : expression(pattern, options) {}
    RE2 expression;
    std::vector<std::string> names;  // of the groups, from group 1
};

LogMatcher::LogMatcher(std::unique_ptr<State> state) : state_(std::move(state)) {}
LogMatcher::LogMatcher(LogMatcher&&) noexcept = default;
LogMatcher& LogMatcher::operator=(LogMatcher&&) noexcept = default;
LogMatcher::~LogMatcher() = default;

Result<LogMatcher> LogMatcher::compile(const std::string& pattern) {
    RE2::Options options;
    options.set_log_errors(false);
    auto state = std::make_unique<State>(pattern, options);
    if (!state->expression.ok()) {
        return fail("regular expression \"" + pattern + "\": " + state->expression.error() +
                        " (RE2 syntax: no backreferences, no look-around)",
                    ErrorCode::invalid);
    }
    const auto& named = state->expression.CapturingGroupNames();
    for (int group = 1; group <= state->expression.NumberOfCapturingGroups(); ++group) {
        const auto found = named.find(group);
        state->names.push_back(found == named.end() ? std::to_string(group) : found->second);
    }
    return LogMatcher(std::move(state));
}

std::optional<std::map<std::string, std::string>> LogMatcher::match(std::string_view line) const {
    std::vector<re2::StringPiece> groups(state_->names.size() + 1);
    const re2::StringPiece text(line.data(), line.size());
    if (!state_->expression.Match(text,
                                  0,
                                  line.size(),
                                  RE2::UNANCHORED,
                                  groups.data(),
                                  static_cast<int>(groups.size()))) {
        return std::nullopt;
    }
    std::map<std::string, std::string> captured;
    for (std::size_t index = 0; index < state_->names.size(); ++index) {
        const re2::StringPiece& group = groups[index + 1];
        // A group that took no part in the match is absent, which is not the same as empty.
        if (group.data() != nullptr) captured[state_->names[index]] = std::string(group);
    }
    return captured;
}

}  // namespace faultline
