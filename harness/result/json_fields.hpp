// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"
#include "harness/measure/statistics.hpp"

namespace faultline {

/// A JSON object that is either written or read. A record lists its fields once, in a function that
/// takes a `JsonFields&`, and so cannot write a fact under one name and look for it under another.
///
/// Shape: spans and instants are integer nanoseconds, absent values and infinite ends are null.
/// Reading: a field that is missing or null leaves the value as it was (older records have fewer
/// fields), unknown ones are ignored, one of the wrong type is an error kept for `finish`.
class JsonFields {
  public:
    [[nodiscard]] static JsonFields to_write();
    /// Errors: the text is not a JSON object.
    [[nodiscard]] static Result<JsonFields> to_read(const std::string& text);
    JsonFields(JsonFields&&) noexcept;
    ~JsonFields();

    [[nodiscard]] bool reading() const;

    void field(const char* name, std::string& value);
    void field(const char* name, bool& value);
    void field(const char* name, int& value);
    void field(const char* name, std::int64_t& value);
    void field(const char* name, std::uint64_t& value);
    void field(const char* name, double& value);
    void field(const char* name, std::optional<int>& value);
    void field(const char* name, std::optional<std::uint64_t>& value);
    void field(const char* name, std::optional<double>& value);
    void field(const char* name, std::vector<std::string>& value);
    void field(const char* name, std::map<std::string, std::string>& value);
    void field(const char* name, std::map<std::string, std::uint64_t>& value);
    void field(const char* name, Duration& value);
    void field(const char* name, std::optional<Duration>& value);
    void field(const char* name, Instant& value);
    void field(const char* name, std::optional<Instant>& value);
    void field(const char* name, Interval& value);

    /// An empty text is null.
    void text_or_null(const char* name, std::string& value);
    /// Fractional nanoseconds, rounded to whole ones in JSON.
    void nanoseconds(const char* name, std::optional<double>& value);
    void nanoseconds(const char* name, Interval& value);
    /// As a decimal string: JavaScript and jq round integers above 2^53.
    void seed(const char* name, std::uint64_t& value);
    /// A JSON value kept as text; null when empty or not JSON.
    void json(const char* name, std::string& text);

    /// One of `all`, spelled by `name_of`.
    template <class Enum, class All>
    void choice(const char* name, Enum& value, const All& all) {
        std::string spelled(name_of(value));
        field(name, spelled);
        if (!reading()) return;
        for (const Enum each : all) {
            if (name_of(each) == spelled) {
                value = each;
                return;
            }
        }
        complain(name, "has the unknown value \"" + spelled + "\"");
    }

    void object(const char* name, const std::function<void(JsonFields&)>& fields);

    /// A list of objects.
    template <class T, class Fields>
    void list(const char* name, std::vector<T>& items, Fields fields) {
        resize_list(name, items.size(), [&](std::size_t size) { items.resize(size); });
        for (std::size_t index = 0; index < items.size(); ++index) {
            list_item(name, index, [&](JsonFields& json) { fields(json, items[index]); });
        }
    }

    /// The names of the fields there are, when reading; those of the object below `name` with one.
    [[nodiscard]] std::vector<std::string> names(const char* name = nullptr) const;
    /// Complains unless the field is there.
    void require(const char* name);
    /// Writes the version, or complains about another than `version`.
    void version(int version);
    /// Keeps the first complaint.
    void complain(std::string_view name, const std::string& what);

    /// Errors: the first complaint, with the path of the field.
    [[nodiscard]] Result<> finish() const;
    /// What was written. Shape: bytes that are not UTF-8 become U+FFFD; negative indent: one line.
    [[nodiscard]] std::string text(int indent = -1) const;

  private:
    struct Node;
    explicit JsonFields(std::unique_ptr<Node> node);
    void resize_list(const char* name,
                     std::size_t size,
                     const std::function<void(std::size_t)>& resize);
    void list_item(const char* name,
                   std::size_t index,
                   const std::function<void(JsonFields&)>& fields);

    std::unique_ptr<Node> node_;
};

}  // namespace faultline
