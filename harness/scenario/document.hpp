// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace faultline {

/// Where something stands: which of the texts read, and the byte in it.
struct Place {
    std::uint32_t source = 0;
    std::uint32_t offset = 0;
    auto operator<=>(const Place&) const = default;
};

/// A JSON value that knows where it was written, wherever merging has carried it since.
struct Node {
    struct Member;
    using Array = std::vector<Node>;
    using Object = std::vector<Member>;  // in the order of the file, keys unique
    /// std::uint64_t only above the range of std::int64_t.
    using Value = std::variant<std::nullptr_t,
                               bool,
                               std::int64_t,
                               std::uint64_t,
                               double,
                               std::string,
                               Array,
                               Object>;

    // Defined below, where Member is complete.
    Node();
    Node(Value written, Place at = {});
    Node(const Node& other);
    Node(Node&& other) noexcept;
    Node& operator=(const Node& other);
    Node& operator=(Node&& other) noexcept;
    ~Node();

    [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(value); }
    [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&value); }
    [[nodiscard]] const Array* array() const { return std::get_if<Array>(&value); }
    [[nodiscard]] Array* array() { return std::get_if<Array>(&value); }
    [[nodiscard]] const Object* object() const { return std::get_if<Object>(&value); }
    [[nodiscard]] Object* object() { return std::get_if<Object>(&value); }
    /// The member with this key, or null; also null when this is no object.
    [[nodiscard]] const Node* find(std::string_view key) const;
    [[nodiscard]] Node* find(std::string_view key);

    Value value;
    Place place{};
};

struct Node::Member {
    std::string key;
    Place key_place{};
    Node value;
};

inline Node::Node() : value(nullptr) {}
inline Node::Node(Value written, Place at) : value(std::move(written)), place(at) {}
inline Node::Node(const Node& other) = default;
inline Node::Node(Node&& other) noexcept = default;
inline Node& Node::operator=(const Node& other) = default;
inline Node& Node::operator=(Node&& other) noexcept = default;
inline Node::~Node() = default;

/// "an object", "the text \"abc\"", "the number 5": for messages; long texts are shortened.
[[nodiscard]] std::string describe(const Node& node);

/// A mistake in the form of the text itself.
struct SyntaxMistake {
    std::size_t offset = 0;
    std::string pointer;
    std::string message;
};

struct ParsedText {
    Node root;              // null when the text is broken
    bool complete = false;  // the whole text was read; it may still have duplicate keys
    std::vector<SyntaxMistake> mistakes;
};

/// Deeper nesting is refused, so that walking a document never exhausts the stack.
inline constexpr std::size_t document_depth_max = 64;
inline constexpr std::size_t document_bytes_max = 64u << 20;

/// Reads strict JSON (RFC 8259: no comments, no trailing commas) into nodes that belong to
/// `source`. Of duplicate keys the first is kept and each further one is a mistake.
[[nodiscard]] ParsedText parse_document(std::string_view text, std::uint32_t source);

/// A key as it stands in a JSON pointer. Source: RFC 6901 section 3.
[[nodiscard]] std::string escape_pointer(std::string_view key);

/// Shape: pretty-printed with two spaces, keys in document order, a newline at the end.
[[nodiscard]] std::string write_document(const Node& node);

}  // namespace faultline
