// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/probes/resp.hpp"

#include <charconv>
#include <optional>

namespace faultline {
inline namespace probes {
namespace {

constexpr int depth_max = 8;
constexpr std::int64_t elements_max = 4096;
constexpr std::int64_t bulk_bytes_max = 1 << 20;
constexpr std::size_t line_bytes_max = 64 * 1024;

/// Reads values off the front of a stream. `incomplete` after any step: more must come.
class RespReader {
  public:
    explicit RespReader(std::string_view stream) : stream_(stream) {}

    [[nodiscard]] std::size_t position() const { return position_; }
    [[nodiscard]] bool incomplete() const { return incomplete_; }

    Result<RespValue> value(int depth) {
        if (depth > depth_max) return fail("reply nested deeper than " + std::to_string(depth_max));
        FL_TRY(const std::string_view line, take_line());
        if (incomplete_) return RespValue{};
        if (line.empty()) return fail("empty line where a Redis reply should begin");
        const std::string_view rest = line.substr(1);
        switch (line[0]) {
            case '+':
                return RespValue{RespValue::Type::text, std::string(rest)};
            case '-':
                return RespValue{RespValue::Type::error, std::string(rest)};
            case ':':
                return RespValue{RespValue::Type::integer, std::string(rest)};
            case '$':
                return bulk(rest);
            case '*':
                return array(rest, depth);
            default:
                return fail("not a Redis reply: \"" + std::string(line.substr(0, 40)) + "\"");
        }
    }

  private:
    Result<std::string_view> take_line() {
        const std::size_t end = stream_.find("\r\n", position_);
        if (end == std::string_view::npos) {
            if (stream_.size() - position_ > line_bytes_max)
                return fail("endless line in a Redis reply");
            incomplete_ = true;
            return std::string_view{};
        }
        const std::string_view line = stream_.substr(position_, end - position_);
        position_ = end + 2;
        return line;
    }

    static Result<std::int64_t> length(std::string_view digits, std::int64_t maximum) {
        std::int64_t value = 0;
        const char* end = digits.data() + digits.size();
        const auto [stop, error] = std::from_chars(digits.data(), end, value);
        if (error != std::errc{} || stop != end || value < -1 || value > maximum) {
            return fail("length \"" + std::string(digits.substr(0, 40)) +
                        "\" in a Redis reply, allowed are -1 to " + std::to_string(maximum));
        }
        return value;
    }

    Result<RespValue> bulk(std::string_view digits) {
        FL_TRY(const std::int64_t count, length(digits, bulk_bytes_max));
        if (count < 0) return RespValue{};
        const auto size = static_cast<std::size_t>(count);
        if (stream_.size() - position_ < size + 2) {
            incomplete_ = true;
            return RespValue{};
        }
        RespValue value{RespValue::Type::text, std::string(stream_.substr(position_, size))};
        if (stream_.substr(position_ + size, 2) != "\r\n")
            return fail("bulk reply without its end");
        position_ += size + 2;
        return value;
    }

    Result<RespValue> array(std::string_view digits, int depth) {
        FL_TRY(const std::int64_t count, length(digits, elements_max));
        if (count < 0) return RespValue{};
        RespValue all{RespValue::Type::array};
        for (std::int64_t index = 0; index < count; ++index) {
            FL_TRY(RespValue element, value(depth + 1));
            if (incomplete_) return RespValue{};
            all.elements.push_back(std::move(element));
        }
        return all;
    }

    std::string_view stream_;
    std::size_t position_ = 0;
    bool incomplete_ = false;
};

}  // namespace

std::string encode_resp(const std::vector<std::string>& words) {
    std::string text = "*" + std::to_string(words.size()) + "\r\n";
    for (const std::string& word : words) {
        text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    }
    return text;
}

Result<RespParse> parse_resp(std::string_view stream) {
    RespReader reader(stream);
    FL_TRY(RespValue value, reader.value(1));
    if (reader.incomplete()) return RespParse{};
    return RespParse{std::move(value), reader.position()};
}

}  // namespace probes
}  // namespace faultline
