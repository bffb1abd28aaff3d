// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/json_pick.hpp"

#include <vector>

#include <nlohmann/json.hpp>

namespace faultline::reports {
namespace {

using Json = nlohmann::json;

/// Follows the path through the document; see the SAX interface of nlohmann::json.
class Picker {
  public:
    explicit Picker(const std::function<void(const PickedValue&)>& use) : use_(use) {}

    bool key(std::string& name) {
        if (lists_ > 0) return true;
        path_.resize(levels_.back());
        path_ += '/';
        path_ += name;
        return true;
    }
    bool start_object(std::size_t) {
        if (lists_ == 0) levels_.push_back(path_.size());
        return true;
    }
    bool end_object() {
        if (lists_ > 0) return true;
        path_.resize(levels_.back());
        levels_.pop_back();
        return true;
    }
    bool start_array(std::size_t) {
        ++lists_;
        return true;
    }
    bool end_array() {
        --lists_;
        return true;
    }
    bool null() { return true; }
    bool boolean(bool value) { return text(value ? "true" : "false"); }
    bool number_integer(std::int64_t value) { return number(static_cast<double>(value)); }
    bool number_unsigned(std::uint64_t value) { return number(static_cast<double>(value)); }
    bool number_float(double value, const std::string&) { return number(value); }
    bool string(std::string& value) { return text(value); }
    bool binary(Json::binary_t&) { return true; }
    bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
        mistake_ = "not JSON at byte " + std::to_string(position);
        return false;
    }
    [[nodiscard]] const std::string& mistake() const { return mistake_; }

  private:
    bool text(std::string_view value) {
        if (lists_ == 0) use_({.path = path_, .text = value});
        return true;
    }
    bool number(double value) {
        if (lists_ == 0) use_({.path = path_, .number = value, .is_number = true});
        return true;
    }

    const std::function<void(const PickedValue&)>& use_;
    std::string path_;
    std::vector<std::size_t> levels_;  // how long the path is outside of each open object
    int lists_ = 0;                    // open ones
    std::string mistake_;
};

}  // namespace

Result<> pick_json(std::string_view json, const std::function<void(const PickedValue&)>& use) {
    Picker picker(use);
    if (!Json::sax_parse(json, &picker)) return fail(picker.mistake(), ErrorCode::invalid);
    return {};
}

}  // namespace faultline::reports
