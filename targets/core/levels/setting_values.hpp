// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "targets/core/levels/setting.hpp"

namespace ftcore {

/// The settings that were written, with where, and those that have a default.
class SettingValues {
  public:
    struct Placed {
        SettingValue value;
        std::string place;  // "node.conf:12", "option --port", "default of port"
    };

    void add(const std::string& name, Placed placed) { values_[name].push_back(std::move(placed)); }

    [[nodiscard]] bool has(const std::string& name) const { return values_.contains(name); }

    /// Where a value was written, to say what is wrong with it; "setting NAME" when it is absent.
    [[nodiscard]] std::string place_of(const std::string& name, std::size_t index = 0) const;

    /// The value of a setting that is required or has a default.
    /// Requires: it is there, with this type (aborts otherwise: the table is wrong).
    template <class T>
    [[nodiscard]] const T& get(const std::string& name) const;
    /// The value of a setting that may be absent.
    template <class T>
    [[nodiscard]] std::optional<T> find(const std::string& name) const;
    /// Every value of a repeatable setting, in the order written.
    template <class T>
    [[nodiscard]] std::vector<T> all(const std::string& name) const;

  private:
    [[nodiscard]] const std::vector<Placed>& at(const std::string& name) const;
    [[noreturn]] static void wrong_type(const std::string& name);
    template <class T>
    [[nodiscard]] static const T& as(const std::string& name, const SettingValue& value) {
        const T* const typed = std::get_if<T>(&value);
        if (typed == nullptr) wrong_type(name);
        return *typed;
    }

    std::map<std::string, std::vector<Placed>> values_;
};

template <class T>
const T& SettingValues::get(const std::string& name) const {
    return as<T>(name, at(name).front().value);
}

template <class T>
std::optional<T> SettingValues::find(const std::string& name) const {
    if (!has(name)) return std::nullopt;
    return get<T>(name);
}

template <class T>
std::vector<T> SettingValues::all(const std::string& name) const {
    std::vector<T> found;
    if (!has(name)) return found;
    for (const Placed& placed : at(name))
        found.push_back(as<T>(name, placed.value));
    return found;
}

}  // namespace ftcore
