// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/document.hpp"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace faultline {
namespace {

constexpr std::size_t mistakes_per_text_max = 100;

/// Builds nodes from nlohmann's events. They carry no positions, so the builder keeps a cursor of
/// its own in the text: each event is one token, and between two tokens there is only white space,
/// ',' and ':'.
class NodeBuilder {
  public:
    NodeBuilder(std::string_view text, std::uint32_t source) : text_(text), source_(source) {
        if (text.starts_with("\xEF\xBB\xBF")) position_ = 3;
    }

    ParsedText parsed;

    // The names and results below are what nlohmann::json::sax_parse calls.
    bool null() { return leaf(nullptr, word(4)); }
    bool boolean(bool value) { return leaf(value, word(value ? 4 : 5)); }
    bool number_integer(std::int64_t value) { return leaf(value, number()); }
    bool number_unsigned(std::uint64_t value) {
        const Place place = number();
        if (value <= static_cast<std::uint64_t>(INT64_MAX)) {
            return leaf(static_cast<std::int64_t>(value), place);
        }
        return leaf(value, place);
    }
    bool number_float(double value, const std::string&) { return leaf(value, number()); }
    bool string(std::string& value) {
        const Place place = quoted();
        return leaf(std::move(value), place);
    }
    bool binary(nlohmann::json::binary_t&) { return false; }  // JSON text has none
    bool start_object(std::size_t) { return open(Node::Object()); }
    bool start_array(std::size_t) { return open(Node::Array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool key(std::string& name) {
        Frame& frame = stack_.back();
        frame.key_place = quoted();
        frame.drop = !frame.keys.insert(name).second;
        frame.key = std::move(name);
        if (frame.drop) report_duplicate(frame);
        return true;
    }

    bool parse_error(std::size_t read,
                     const std::string&,
                     const nlohmann::detail::exception& error) {
        // `read` counts the bytes up to the end of the bad token; the cursor knows its beginning,
        // unless the bad token is itself ',' or ':'.
        std::size_t offset = read > 0 ? read - 1 : 0;
        skip();
        offset = std::min({offset, position_, text_.size()});
        parsed.mistakes.push_back({offset, pointer(), explain(error.what(), offset)});
        return false;
    }

  private:
    struct Frame {
        Node node;
        std::unordered_set<std::string> keys{};
        std::string key{};  // of the member being read
        Place key_place{};
        bool drop = false;  // that member is a duplicate
    };

    void skip() {
        while (position_ < text_.size() &&
               std::string_view(" \t\r\n,:").find(text_[position_]) != std::string_view::npos) {
            ++position_;
        }
    }
    [[nodiscard]] Place here() const { return {source_, static_cast<std::uint32_t>(position_)}; }
    Place word(std::size_t length) {
        skip();
        const Place place = here();
        position_ += length;
        return place;
    }
    Place number() {
        skip();
        const Place place = here();
        position_ = std::min(text_.find_first_not_of("+-.eE0123456789", position_), text_.size());
        return place;
    }
    Place quoted() {
        skip();
        const Place place = here();
        for (++position_; position_ < text_.size() && text_[position_] != '"'; ++position_) {
            if (text_[position_] == '\\') ++position_;
        }
        ++position_;
        return place;
    }

    bool leaf(Node::Value value, Place place) {
        attach(Node{std::move(value), place});
        return true;
    }
    bool open(Node::Value value) {
        const Place place = word(1);
        if (stack_.size() >= document_depth_max) {
            parsed.mistakes.push_back(
                {place.offset,
                 pointer(),
                 fmt::format("nested deeper than {} levels", document_depth_max)});
            return false;
        }
        stack_.push_back(Frame{Node{std::move(value), place}});
        return true;
    }
    bool close() {
        word(1);
        Node node = std::move(stack_.back().node);
        stack_.pop_back();
        attach(std::move(node));
        return true;
    }
    void attach(Node node) {
        if (stack_.empty()) {
            parsed.root = std::move(node);
            return;
        }
        Frame& frame = stack_.back();
        if (Node::Array* items = frame.node.array()) {
            items->push_back(std::move(node));
        } else if (!frame.drop) {
            frame.node.object()->push_back(
                {std::move(frame.key), frame.key_place, std::move(node)});
        }
    }

    /// Of the value being read.
    [[nodiscard]] std::string pointer() const {
        std::string path;
        for (const Frame& frame : stack_) {
            const bool innermost = &frame == &stack_.back();
            if (const Node::Array* items = frame.node.array()) {
                if (!innermost) path += fmt::format("/{}", items->size());
            } else if (!innermost || frame.drop) {
                path += "/" + escape_pointer(frame.key);
            }
        }
        return path;
    }
    void report_duplicate(const Frame& frame) {
        if (parsed.mistakes.size() >= mistakes_per_text_max) return;
        const auto& members = *frame.node.object();
        const auto first = std::find_if(members.begin(), members.end(), [&](const auto& member) {
            return member.key == frame.key;
        });
        const auto line =
            first == members.end()
                ? 1
                : 1 + std::count(text_.begin(), text_.begin() + first->key_place.offset, '\n');
        parsed.mistakes.push_back(
            {frame.key_place.offset,
             pointer(),
             fmt::format("duplicate key \"{}\" (first on line {}); keep one", frame.key, line)});
    }
    /// nlohmann's message without its number and its own count of lines and columns.
    [[nodiscard]] std::string explain(std::string message, std::size_t offset) const {
        if (const auto end = message.find("] "); end != std::string::npos)
            message.erase(0, end + 2);
        if (const auto end = message.find(": ");
            message.starts_with("parse error") && end != std::string::npos) {
            message.erase(0, end + 2);
        }
        // What it read last is in the file, at the place given.
        if (const auto read = message.find("; last read: '"); read != std::string::npos) {
            const auto expected = message.find("; expected", read);
            message.erase(read, expected == std::string::npos ? expected : expected - read);
        }
        const char wrong = offset < text_.size() ? text_[offset] : ' ';
        if (wrong == '/' || wrong == '#') message += "; JSON has no comments: use \"about\"";
        return "not JSON: " + message;
    }

    std::string_view text_;
    std::uint32_t source_;
    std::size_t position_ = 0;
    std::vector<Frame> stack_;
};

nlohmann::ordered_json to_json(const Node& node) {
    return std::visit(
        [](const auto& value) -> nlohmann::ordered_json {
            using Value = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Value, Node::Array>) {
                auto items = nlohmann::ordered_json::array();
                for (const Node& item : value)
                    items.push_back(to_json(item));
                return items;
            } else if constexpr (std::is_same_v<Value, Node::Object>) {
                // Filled from a vector: ordered_json's own insertion looks at every key before.
                nlohmann::ordered_json::object_t members;
                members.reserve(value.size());
                for (const Node::Member& member : value) {
                    using Members = nlohmann::ordered_json::object_t::Container;
                    static_cast<Members&>(members).emplace_back(member.key, to_json(member.value));
                }
                return members;
            } else {
                return value;
            }
        },
        node.value);
}

std::string shortened(std::string_view text) {
    constexpr std::size_t shown_max = 60;
    if (text.size() <= shown_max) return std::string(text);
    std::size_t end = shown_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;  // whole code points
    return std::string(text.substr(0, end)) + "...";
}

}  // namespace

const Node* Node::find(std::string_view key) const {
    const Object* members = object();
    if (members == nullptr) return nullptr;
    for (const Member& member : *members) {
        if (member.key == key) return &member.value;
    }
    return nullptr;
}

Node* Node::find(std::string_view key) {
    return const_cast<Node*>(std::as_const(*this).find(key));  // NOLINT: this is not const
}

std::string describe(const Node& node) {
    if (node.array() != nullptr) return node.array()->empty() ? "an empty array" : "an array";
    if (node.object() != nullptr) return "an object";
    if (node.text() != nullptr) return fmt::format("the text \"{}\"", shortened(*node.text()));
    if (node.is_null()) return "null";
    if (const bool* value = std::get_if<bool>(&node.value)) return *value ? "true" : "false";
    return "the number " + to_json(node).dump();
}

ParsedText parse_document(std::string_view text, std::uint32_t source) {
    NodeBuilder builder(text, source);
    if (text.size() > document_bytes_max) {
        builder.parsed.mistakes.push_back(
            {0, "", fmt::format("larger than {} MiB", document_bytes_max >> 20)});
        return std::move(builder.parsed);
    }
    if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
        // nlohmann's lexer takes it for the end of the text and would accept whatever follows.
        builder.parsed.mistakes.push_back({nul, "", "not JSON: a NUL byte"});
        return std::move(builder.parsed);
    }
    builder.parsed.complete = nlohmann::json::sax_parse(text, &builder);
    if (!builder.parsed.complete) builder.parsed.root = Node{};
    return std::move(builder.parsed);
}

std::string escape_pointer(std::string_view key) {
    std::string escaped;
    for (const char c : key) {
        if (c == '~') {
            escaped += "~0";
        } else if (c == '/') {
            escaped += "~1";
        } else {
            escaped += c;
        }
    }
    return escaped;
}

std::string write_document(const Node& node) {
    return to_json(node).dump(2) + "\n";
}

}  // namespace faultline
