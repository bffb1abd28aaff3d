// SPDX-License-Identifier: Apache-2.0
#include "targets/core/levels/setting_words.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace ftcore {
namespace {

using faultline::ErrorCode;
using faultline::fail;
using faultline::Result;

constexpr std::string_view blanks = " \t\r\v\f";

bool is_blank(char letter) {
    return blanks.find(letter) != std::string_view::npos;
}

std::optional<unsigned> hex_digit(char letter) {
    constexpr std::string_view digits = "0123456789abcdef";
    const char lower = letter >= 'A' && letter <= 'F' ? static_cast<char>(letter + 32) : letter;
    const std::size_t value = digits.find(lower);
    if (value == std::string_view::npos) return std::nullopt;
    return static_cast<unsigned>(value);
}

/// Walks over one line, word by word.
class WordReader {
  public:
    explicit WordReader(std::string_view line) : rest_(line) {}

    /// Whether a word begins here, behind blanks.
    bool at_word() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
        return !rest_.empty() && rest_.front() != '#';
    }

    Result<std::string> next() {
        const char first = rest_.front();
        if (first != '"' && first != '\'') return plain();
        rest_.remove_prefix(1);
        std::string word;
        while (!rest_.empty() && rest_.front() != first)
            word += first == '"' ? escaped() : single_quoted();
        if (rest_.empty())
            return fail(fmt::format("the quote {} is not closed", first), ErrorCode::invalid);
        rest_.remove_prefix(1);
        if (!rest_.empty() && !is_blank(rest_.front())) {
            return fail(
                fmt::format("\"{}\" stands right behind a closing quote; put a blank between",
                            rest_.substr(0, rest_.find_first_of(blanks))),
                ErrorCode::invalid);
        }
        return word;
    }

  private:
    char take() {
        const char letter = rest_.front();
        rest_.remove_prefix(1);
        return letter;
    }

    std::string plain() {
        const std::size_t end = std::min(rest_.find_first_of(blanks), rest_.size());
        std::string word(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return word;
    }

    char escaped() {
        const char letter = take();
        if (letter != '\\' || rest_.empty()) return letter;
        if (rest_.size() >= 3 && rest_[0] == 'x') {
            const auto high = hex_digit(rest_[1]);
            const auto low = hex_digit(rest_[2]);
            if (high && low) {
                rest_.remove_prefix(3);
                return static_cast<char>(*high * 16 + *low);
            }
        }
        const char code = take();
        if (code == 'n') return '\n';
        if (code == 'r') return '\r';
        if (code == 't') return '\t';
        return code;
    }

    char single_quoted() {
        if (rest_.starts_with("\\'")) rest_.remove_prefix(1);
        return take();
    }

    std::string_view rest_;
};

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view line) {
    std::vector<std::string> words;
    WordReader reader(line);
    while (reader.at_word()) {
        FL_TRY(std::string word, reader.next());
        words.push_back(std::move(word));
    }
    return words;
}

std::string quote_word(std::string_view word) {
    const bool plain = !word.empty() && word.front() != '#' && word.front() != '"' &&
                       word.front() != '\'' &&
                       std::all_of(word.begin(), word.end(), [](char letter) {
                           return static_cast<unsigned char>(letter) > ' ' && letter != '\x7f';
                       });
    if (plain) return std::string(word);
    std::string quoted = "\"";
    for (const char letter : word) {
        if (letter == '"' || letter == '\\') {
            quoted += '\\';
            quoted += letter;
        } else if (static_cast<unsigned char>(letter) < ' ' || letter == '\x7f') {
            quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
        } else {
            quoted += letter;
        }
    }
    return quoted + "\"";
}

}  // namespace ftcore
