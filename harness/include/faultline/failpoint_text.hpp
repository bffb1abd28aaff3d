// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "errno_name.hpp"
#include "failpoint_registry.hpp"

// Orders as text, for FAULTLINE_FAILPOINTS:
//
//   orders   = [order] {";" [order]}
//   order    = point "=" action {":" modifier}
//   action   = "error(" ERRNO ")" | "delay(" duration ")" | "crash" ["(kill)" | "(abort)"]
//            | "throw" ["(" text ")"]
//   modifier = "first=" count | "after=" count | "every=" count | "probability=" share
//            | "seed=" number | "jitter=" duration
//
//   wal.sync=error(EIO):first=2;net.send=delay(50ms):probability=0.1:seed=7;apply=crash:after=10

namespace faultline::embed {

struct FailpointOrder {
    std::string_view point;
    FailpointAction action;
};

/// Reads orders one character at a time, so that every complaint names its place.
/// Shape: what it returns points into the text.
class FailpointText {
  public:
    explicit FailpointText(std::string_view text) : text_(text) {}

    /// Errors: the first mistake, with its place, and nothing in `orders` to rely on.
    FailpointResult parse(std::vector<FailpointOrder>& orders) {
        while (at_ < text_.size() && problem_.empty()) {
            skip_blanks();
            if (take(';') || at_ == text_.size()) continue;
            FailpointOrder order;
            parse_order(order);
            orders.push_back(order);
            skip_blanks();
            if (problem_.empty() && at_ < text_.size() && !take(';')) {
                complain(at_, "';' is expected between two points, or ':' before a modifier");
            }
        }
        return problem_.empty() ? FailpointResult() : FailpointResult(problem_);
    }

    /// Where in the text `part` stands. Shape: from 1.
    [[nodiscard]] std::string place_of(std::string_view part) const {
        return "character " + std::to_string(part.data() - text_.data() + 1);
    }

  private:
    void complain(std::size_t at, const std::string& what) {
        if (!problem_.empty()) return;  // the first one is the cause of the others
        problem_ = "character " + std::to_string(at + 1) + ": " + what;
    }
    [[nodiscard]] std::size_t place(std::string_view part) const {
        return static_cast<std::size_t>(part.data() - text_.data());
    }
    static std::string quoted(std::string_view part) {
        std::string text(1, '"');
        text.append(part.data(), part.size());
        return text += '"';
    }

    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n'))
            ++at_;
    }
    bool take(char wanted) {
        if (at_ == text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }
    std::string_view take_word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_failpoint_letter(text_[at_]))
            ++at_;
        return text_.substr(begin, at_ - begin);
    }

    void parse_order(FailpointOrder& order) {
        order.point = take_word();
        if (order.point.empty()) complain(at_, "the name of a fail point is expected");
        if (!take('=')) {
            complain(at_, "'=' is expected after the point's name, as in wal.sync=error(EIO)");
        }
        parse_action(order.action);
        while (problem_.empty() && take(':'))
            parse_modifier(order.action);
    }

    void parse_action(FailpointAction& action) {
        const std::string_view word = take_word();
        std::string_view argument;
        const bool has_argument = take('(');
        if (has_argument) {
            const std::size_t begin = at_;
            while (at_ < text_.size() && text_[at_] != ')')
                ++at_;
            argument = text_.substr(begin, at_ - begin);
            if (!take(')')) complain(begin, "the ')' is missing");
        }
        if (word == "error") {
            action.effect = FailpointEffect::error;
            action.error = parse_errno(argument);
            if (action.error == 0) {
                complain(place(has_argument ? argument : word),
                         quoted(argument) +
                             " is not an error name or number; write for example error(EIO)");
            }
        } else if (word == "delay") {
            action.effect = FailpointEffect::delay;
            action.delay_ns = duration(has_argument ? argument : word, "delay(50ms)");
        } else if (word == "crash") {
            action.effect = FailpointEffect::crash;
            action.signal = argument == "abort" ? SIGABRT : SIGKILL;
            if (has_argument && argument != "abort" && argument != "kill") {
                complain(place(argument), "a crash is crash, crash(kill) or crash(abort)");
            }
        } else if (word == "throw") {
            action.effect = FailpointEffect::raised;
            action.text = has_argument ? argument : "injected by a fail point";
            if (argument.size() >= FailpointSlot::text_bytes) {
                complain(place(argument),
                         "the text has " + std::to_string(argument.size()) + " bytes, at most " +
                             std::to_string(FailpointSlot::text_bytes - 1) + " are kept");
            }
        } else {
            complain(place(word),
                     quoted(word) + " is not an action" +
                         suggest(word, {"crash", "delay", "error", "throw"}));
        }
    }

    void parse_modifier(FailpointAction& action) {
        const std::string_view name = take_word();
        const bool has_value = take('=');
        const std::string_view value = take_word_or_percent();
        if (name == "first") {
            action.first = number(value, 1);
        } else if (name == "after") {
            action.after = number(value, 0);
        } else if (name == "every") {
            action.every = number(value, 1);
        } else if (name == "seed") {
            action.seed = number(value, 0);
        } else if (name == "probability") {
            action.probability = share(value);
        } else if (name == "jitter") {
            action.jitter_ns = duration(value, "jitter=5ms");
            if (action.effect != FailpointEffect::delay) {
                complain(place(name), "only a delay has jitter");
            }
        } else {
            complain(
                place(name),
                quoted(name) + " is not a modifier" +
                    suggest(name, {"after", "every", "first", "jitter", "probability", "seed"}));
        }
        if (!has_value) complain(at_, "'=' and a value are expected, as in first=2");
    }

    std::string_view take_word_or_percent() {
        const std::size_t begin = at_;
        static_cast<void>(take_word());
        static_cast<void>(take('%'));
        return text_.substr(begin, at_ - begin);
    }

    static std::string suggest(std::string_view word, const std::vector<std::string>& known) {
        std::string text = suggest_failpoint(word, known);
        const std::string_view program = "; this program has ";
        if (text.compare(0, program.size(), program) == 0)
            text = "; known: " + text.substr(program.size());
        return text;
    }

    std::uint64_t number(std::string_view value, std::uint64_t least) {
        constexpr std::size_t digits_max = 18;
        std::uint64_t result = 0;
        bool valid = !value.empty() && value.size() <= digits_max;
        for (const char letter : value) {
            valid = valid && letter >= '0' && letter <= '9';
            result = result * 10 + static_cast<std::uint64_t>(letter - '0');
        }
        if (!valid || result < least) {
            complain(
                place(value),
                quoted(value) + " is not a whole number from " + std::to_string(least) + " on");
        }
        return result;
    }

    /// The decimal number in front; `rest` is what follows it. Negative when there is none.
    static double leading_number(std::string_view text, std::string_view& rest) {
        double value = 0;
        double place = 1;
        bool digits = false;
        bool point = false;
        std::size_t index = 0;
        for (; index < text.size(); ++index) {
            const char letter = text[index];
            if (letter == '.' && !point) {
                point = true;
            } else if (letter >= '0' && letter <= '9') {
                digits = true;
                value = value * 10 + (letter - '0');
                if (point) place *= 10;
            } else {
                break;
            }
        }
        rest = text.substr(index);
        return digits ? value / place : -1;
    }

    double share(std::string_view value) {
        std::string_view rest;
        double result = leading_number(value, rest);
        if (rest == "%") {
            result /= 100;
            rest = {};
        }
        if (!(result >= 0 && result <= 1) || !rest.empty()) {
            complain(place(value),
                     quoted(value) + " is not a probability; write for example 0.1 or 10%");
        }
        return result;
    }

    std::int64_t duration(std::string_view value, const char* example) {
        static constexpr std::pair<std::string_view, double> units[] = {
            {"ns", 1.0}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}, {"h", 3600e9}};
        constexpr double longest_ns = 24 * 3600e9;
        std::string_view rest;
        const double amount = leading_number(value, rest);
        for (const auto& [unit, factor] : units) {
            if (amount >= 0 && rest == unit && amount * factor <= longest_ns) {
                return static_cast<std::int64_t>(std::llround(amount * factor));
            }
        }
        complain(place(value),
                 quoted(value) +
                     " is not a duration of at most 24 h with its unit (ns, us, ms, s, min, h); "
                     "write for example " +
                     example);
        return 0;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string problem_;
};

}  // namespace faultline::embed
