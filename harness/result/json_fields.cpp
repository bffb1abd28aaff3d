// SPDX-License-Identifier: Apache-2.0
#include "harness/result/json_fields.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

using Json = nlohmann::ordered_json;

constexpr double infinity = std::numeric_limits<double>::infinity();

Json finite_or_null(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json whole_or_null(double value) {
    // Beyond 2^63 there is no integer; such a span is as good as unbounded.
    return std::fabs(value) < 9e18 ? Json(std::llround(value)) : Json(nullptr);
}

}  // namespace

// The document belongs to the outermost object; those inside point into it.
struct JsonFields::Node {
    bool reading = false;
    Json document = Json::object();
    Json* here = &document;
    std::string path{};
    std::optional<Error> own_complaint{};
    std::optional<Error>* complaint = &own_complaint;

    [[nodiscard]] const Json* find(const char* name) const {
        const auto found = here->find(name);
        return found == here->end() || found->is_null() ? nullptr : &*found;
    }
    void complain(std::string_view name, const std::string& what) const {
        if (*complaint) return;
        *complaint = Error{ErrorCode::invalid, fmt::format("\"{}{}\" {}", path, name, what)};
    }
    [[nodiscard]] std::unique_ptr<Node> inside(Json& child, const std::string& name) const {
        auto node = std::make_unique<Node>();
        node->reading = reading;
        node->here = &child;
        node->path = path + name + ".";
        node->complaint = complaint;
        return node;
    }
    /// Calls `take` with the value read, if it is there and of the type `is_right`.
    template <class Take>
    void read(const char* name,
              bool (Json::*is_right)() const noexcept,
              const char* type,
              Take take) {
        const Json* value = find(name);
        if (value == nullptr) return;
        if (!(value->*is_right)()) return complain(name, std::string("is not ") + type);
        take(*value);
    }
    template <class Value>
    void whole(const char* name, Value& value) {
        if (!reading) {
            (*here)[name] = value;
            return;
        }
        read(name, &Json::is_number_integer, "an integer", [&](const Json& found) {
            const bool fits = found.is_number_unsigned()
                                  ? std::in_range<Value>(found.get<std::uint64_t>())
                                  : std::in_range<Value>(found.get<std::int64_t>());
            if (!fits) return complain(name, "is out of range");
            value = found.get<Value>();
        });
    }
    /// An optional through the field function of what it holds.
    template <class Value, class Field>
    void maybe(const char* name, std::optional<Value>& value, Field field) {
        if (!reading) {
            if (value) return field(*value);
            (*here)[name] = nullptr;
            return;
        }
        value.reset();
        if (find(name) != nullptr) field(value.emplace());
    }
    void ends(const char* name, Interval& value, Json (*end)(double)) {
        if (!reading) {
            (*here)[name] = Json::array({end(value.low), end(value.high)});
            return;
        }
        read(name, &Json::is_array, "a pair of numbers", [&](const Json& pair) {
            const auto is_end = [](const Json& each) { return each.is_null() || each.is_number(); };
            if (pair.size() != 2 || !is_end(pair[0]) || !is_end(pair[1])) {
                return complain(name, "is not a pair of numbers");
            }
            value.low = pair[0].is_null() ? -infinity : pair[0].get<double>();
            value.high = pair[1].is_null() ? infinity : pair[1].get<double>();
        });
    }
};

JsonFields::JsonFields(std::unique_ptr<Node> node) : node_(std::move(node)) {}
JsonFields::JsonFields(JsonFields&&) noexcept = default;
JsonFields::~JsonFields() = default;

JsonFields JsonFields::to_write() {
    return JsonFields(std::make_unique<Node>());
}

Result<JsonFields> JsonFields::to_read(const std::string& text) {
    auto node = std::make_unique<Node>();
    node->reading = true;
    try {
        node->document = Json::parse(text);
    } catch (const nlohmann::json::exception& error) {
        return fail(fmt::format("not JSON: {}", error.what()), ErrorCode::invalid);
    }
    if (!node->document.is_object()) return fail("not a JSON object", ErrorCode::invalid);
    return JsonFields(std::move(node));
}

bool JsonFields::reading() const {
    return node_->reading;
}

void JsonFields::field(const char* name, std::string& value) {
    if (!reading()) {
        (*node_->here)[name] = value;
        return;
    }
    node_->read(name, &Json::is_string, "a string", [&](const Json& found) {
        value = found.get<std::string>();
    });
}

void JsonFields::field(const char* name, bool& value) {
    if (!reading()) {
        (*node_->here)[name] = value;
        return;
    }
    node_->read(name, &Json::is_boolean, "true or false", [&](const Json& found) {
        value = found.get<bool>();
    });
}

void JsonFields::field(const char* name, int& value) {
    node_->whole(name, value);
}
void JsonFields::field(const char* name, std::int64_t& value) {
    node_->whole(name, value);
}
void JsonFields::field(const char* name, std::uint64_t& value) {
    node_->whole(name, value);
}

void JsonFields::field(const char* name, double& value) {
    if (!reading()) {
        (*node_->here)[name] = finite_or_null(value);
        return;
    }
    node_->read(name, &Json::is_number, "a number", [&](const Json& found) {
        value = found.get<double>();
    });
}

void JsonFields::field(const char* name, std::optional<int>& value) {
    node_->maybe(name, value, [&](int& present) { field(name, present); });
}
void JsonFields::field(const char* name, std::optional<std::uint64_t>& value) {
    node_->maybe(name, value, [&](std::uint64_t& present) { field(name, present); });
}
void JsonFields::field(const char* name, std::optional<double>& value) {
    node_->maybe(name, value, [&](double& present) { field(name, present); });
}
void JsonFields::field(const char* name, std::optional<Duration>& value) {
    node_->maybe(name, value, [&](Duration& present) { field(name, present); });
}
void JsonFields::field(const char* name, std::optional<Instant>& value) {
    node_->maybe(name, value, [&](Instant& present) { field(name, present); });
}

void JsonFields::field(const char* name, Duration& value) {
    std::int64_t count = value.count();
    field(name, count);
    value = Duration(count);
}
void JsonFields::field(const char* name, Instant& value) {
    std::int64_t count = nanoseconds_of(value);
    field(name, count);
    value = instant_of(count);
}

void JsonFields::field(const char* name, std::vector<std::string>& value) {
    if (!reading()) {
        (*node_->here)[name] = value;
        return;
    }
    node_->read(name, &Json::is_array, "a list of strings", [&](const Json& found) {
        value.clear();
        for (const Json& each : found) {
            if (!each.is_string()) return node_->complain(name, "is not a list of strings");
            value.push_back(each.get<std::string>());
        }
    });
}

void JsonFields::field(const char* name, std::map<std::string, std::string>& value) {
    if (!reading()) {
        (*node_->here)[name] = value;
        return;
    }
    node_->read(name, &Json::is_object, "an object of strings", [&](const Json& found) {
        value.clear();
        for (const auto& [key, each] : found.items()) {
            if (!each.is_string()) return node_->complain(name, "is not an object of strings");
            value[key] = each.get<std::string>();
        }
    });
}

void JsonFields::field(const char* name, std::map<std::string, std::uint64_t>& value) {
    if (!reading()) {
        (*node_->here)[name] = value;
        return;
    }
    node_->read(name, &Json::is_object, "an object of counts", [&](const Json& found) {
        value.clear();
        for (const auto& [key, each] : found.items()) {
            if (!each.is_number_unsigned())
                return node_->complain(name, "is not an object of counts");
            value[key] = each.get<std::uint64_t>();
        }
    });
}

void JsonFields::field(const char* name, Interval& value) {
    node_->ends(name, value, finite_or_null);
}
void JsonFields::nanoseconds(const char* name, Interval& value) {
    node_->ends(name, value, whole_or_null);
}

void JsonFields::nanoseconds(const char* name, std::optional<double>& value) {
    if (!reading()) {
        (*node_->here)[name] = value ? whole_or_null(*value) : Json(nullptr);
        return;
    }
    field(name, value);
}

void JsonFields::text_or_null(const char* name, std::string& value) {
    if (!reading() && value.empty()) {
        (*node_->here)[name] = nullptr;
        return;
    }
    field(name, value);
}

void JsonFields::seed(const char* name, std::uint64_t& value) {
    std::string digits = std::to_string(value);
    field(name, digits);
    const char* end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        complain(name, fmt::format("is not a seed: \"{}\"", digits));
    }
}

void JsonFields::json(const char* name, std::string& text) {
    if (!reading()) {
        Json value = Json::parse(text, nullptr, false);
        (*node_->here)[name] = value.is_discarded() ? Json(nullptr) : std::move(value);
        return;
    }
    const Json* found = node_->find(name);
    text = found == nullptr ? "" : found->dump(2) + "\n";  // as a resolved scenario is written
}

void JsonFields::object(const char* name, const std::function<void(JsonFields&)>& fields) {
    if (!reading()) {
        (*node_->here)[name] = Json::object();
    } else {
        const Json* found = node_->find(name);
        if (found == nullptr) return;
        if (!found->is_object()) return node_->complain(name, "is not an object");
    }
    JsonFields inside(node_->inside((*node_->here)[name], name));
    fields(inside);
}

void JsonFields::resize_list(const char* name,
                             std::size_t size,
                             const std::function<void(std::size_t)>& resize) {
    if (!reading()) {
        (*node_->here)[name] = Json(Json::array_t(size, Json::object()));
        return;
    }
    resize(0);
    node_->read(name, &Json::is_array, "a list", [&](const Json& found) {
        for (const Json& each : found) {
            if (!each.is_object()) return node_->complain(name, "is not a list of objects");
        }
        resize(found.size());
    });
}

void JsonFields::list_item(const char* name,
                           std::size_t index,
                           const std::function<void(JsonFields&)>& fields) {
    JsonFields inside(
        node_->inside((*node_->here)[name][index], fmt::format("{}[{}]", name, index)));
    fields(inside);
}

std::vector<std::string> JsonFields::names(const char* name) const {
    const Json* object = name == nullptr ? node_->here : node_->find(name);
    std::vector<std::string> found;
    if (object == nullptr || !object->is_object()) return found;
    for (const auto& [key, value] : object->items())
        found.push_back(key);
    return found;
}

void JsonFields::require(const char* name) {
    if (reading() && node_->find(name) == nullptr) complain(name, "is missing");
}

void JsonFields::version(int version) {
    int written = version;
    require("version");
    field("version", written);
    if (written == version || *node_->complaint) return;
    *node_->complaint = Error{
        ErrorCode::unsupported,
        fmt::format("written by record version {}; this faultline reads {}", written, version)};
}

void JsonFields::complain(std::string_view name, const std::string& what) {
    node_->complain(name, what);
}

Result<> JsonFields::finish() const {
    if (*node_->complaint) return tl::unexpected(**node_->complaint);
    return {};
}

std::string JsonFields::text(int indent) const {
    FL_CHECK(!reading());
    return node_->document.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace faultline
