// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/resp_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "harness/inject/link/protocol/ascii.hpp"
#include "harness/inject/link/protocol/reader.hpp"
#include "harness/inject/link/protocol/redis_commands.hpp"
#include "harness/inject/link/protocol/resp_skip.hpp"

namespace faultline::link {
namespace {

using State = RespHead::State;

constexpr std::size_t number_line_bytes_max = 24;

/// "*3\r\n" or "$5\r\n".
struct NumberLine {
    State state = State::incomplete;
    std::size_t bytes = 0;
    std::int64_t number = 0;
};

NumberLine read_number_line(std::string_view input, char mark) {
    if (input.empty()) return {};
    if (input.front() != mark) return {State::broken};
    const std::string_view line = input.substr(0, number_line_bytes_max);
    const std::size_t end = line.find('\r');
    const std::string_view digits = line.substr(1, end == std::string_view::npos ? end : end - 1);
    const bool clean = std::all_of(
        digits.begin(), digits.end(), [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
    if (!clean) return {State::broken};
    if (end == std::string_view::npos)
        return {input.size() < number_line_bytes_max ? State::incomplete : State::broken};
    NumberLine read{State::complete, end + 2};
    const char* const last = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), last, read.number);
    if (error != std::errc() || stop != last) return {State::broken};
    if (input.size() == end + 1) return {};
    if (input[end + 1] != '\n') return {State::broken};
    return read;
}

/// The words of a request as far as they are known and needed.
class Words {
  public:
    void add(std::string_view word) {
        if (count_ < words_.size()) words_[count_] = word;
        ++count_;
    }
    [[nodiscard]] KeyPlace key() const { return find_key(std::span(words_.data(), known())); }
    [[nodiscard]] bool enough() const {
        const KeyPlace place = key();
        return count_ >= 2 && (count_ >= place.words_needed || count_ >= words_.size());
    }
    void tell(Request& request) const {
        const KeyPlace place = key();
        request.protocol = RequestProtocol::redis;
        request.command = words_[0];
        request.key =
            place.index && *place.index < known() ? words_[*place.index] : std::string_view();
        request.leads_away = leads_away(words_[0], known() > 1 ? words_[1] : std::string_view());
        request.answered = true;
    }

  private:
    [[nodiscard]] std::size_t known() const { return std::min(count_, words_.size()); }
    std::array<std::string_view, key_words_max> words_{};
    std::size_t count_ = 0;
};

RespHead nothing_asked(std::size_t bytes, Request& request) {
    request.command = {};
    request.key = {};
    request.leads_away = false;
    request.answered = false;
    request.protocol = RequestProtocol::redis;
    return {.state = State::complete, .bytes = bytes};
}

RespHead read_inline(std::string_view input, Request& request) {
    const std::size_t end = input.substr(0, head_bytes_max).find('\n');
    const std::string_view seen = input.substr(0, end);
    // Printable text and line ends: Redis would take more, but only by accident.
    const bool clean = std::none_of(
        seen.begin(), seen.end(), [](char c) { return is_control(c) && c != '\r' && c != '\t'; });
    if (!clean) return {State::broken};
    if (end == std::string_view::npos)
        return {input.size() < head_bytes_max ? State::incomplete : State::broken};
    Words words;
    bool any = false;
    std::string_view line = seen;
    constexpr std::string_view blanks = " \t\r";
    while (true) {
        const std::size_t begin = line.find_first_not_of(blanks);
        if (begin == std::string_view::npos) break;
        const std::size_t stop = std::min(line.find_first_of(blanks, begin), line.size());
        words.add(line.substr(begin, stop - begin));
        any = true;
        line.remove_prefix(stop);
    }
    if (!any) return nothing_asked(end + 1, request);
    words.tell(request);
    return {.state = State::complete, .bytes = end + 1};
}

}  // namespace

RespHead read_resp_head(std::string_view input, Request& request) {
    if (input.empty()) return {};
    if (input.front() != '*') return read_inline(input, request);
    const NumberLine count = read_number_line(input, '*');
    if (count.state != State::complete) return {count.state};
    if (count.number > resp_words_max) return {State::broken};
    if (count.number <= 0) return nothing_asked(count.bytes, request);
    const auto announced = static_cast<std::uint64_t>(count.number);
    RespHead head{.state = State::complete, .bytes = count.bytes};
    Words words;
    for (std::uint64_t index = 0; index < announced; ++index) {
        head.words_left = announced - index;
        if (words.enough()) break;
        const std::string_view rest = input.substr(head.bytes);
        const NumberLine length = read_number_line(rest, '$');
        if (length.state != State::complete) return {length.state};
        if (length.number < 0) return {State::broken};
        const auto size = static_cast<std::uint64_t>(length.number);
        if (size > resp_bulk_bytes_max) return {State::broken};
        if (head.bytes + length.bytes + size + 2 > head_bytes_max) {
            head.bytes += length.bytes;
            head.within_word = true;
            head.word_bytes_left = size;
            break;
        }
        const std::string_view body = rest.substr(length.bytes);
        if (body.size() > size && body[size] != '\r') return {State::broken};
        if (body.size() < size + 2) return {};
        if (body[size + 1] != '\n') return {State::broken};
        words.add(body.substr(0, size));
        head.bytes += length.bytes + size + 2;
        head.words_left = announced - index - 1;
    }
    words.tell(request);
    return head;
}

}  // namespace faultline::link
