// SPDX-License-Identifier: Apache-2.0
#include "harness/result/run_mismatch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace faultline {
namespace {

using nlohmann::json;

constexpr std::size_t differences_shown_max = 5;
constexpr std::size_t value_bytes_max = 60;

// What a scenario says that no figure depends on, or that is compared on its own.
constexpr std::array<std::string_view, 9> indifferent{
    "$schema", "about", "expect", "extends", "file", "name", "parameters", "tags", "trials"};
// What may be what the comparison is about.
constexpr std::array<std::string_view, 2> under_test{"targets", "roles"};

struct Fact {
    const char* name;
    bool serious;
};
constexpr std::array facts{Fact{"cpu", true},
                           Fact{"cores", true},
                           Fact{"memory", false},
                           Fact{"kernel", false},
                           Fact{"governor", false},
                           Fact{"clock_source", false},
                           Fact{"user", false},
                           Fact{"launch", false},
                           Fact{"host", false}};

template <class List>
bool contains(const List& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

std::string in_short(const json& value) {
    std::string text = value.is_string()
                           ? value.get<std::string>()
                           : value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() <= value_bytes_max) return text;
    std::size_t end = value_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;  // not inside of a character
    return text.substr(0, end) + "...";
}

/// The innermost values that differ.
void find_differences(const std::string& path,
                      const json& base,
                      const json& head,
                      bool serious,
                      std::vector<Mismatch>& found) {
    if (base == head) return;
    if (base.is_object() && head.is_object()) {
        std::set<std::string> keys;
        for (const auto& [key, value] : base.items())
            keys.insert(key);
        for (const auto& [key, value] : head.items())
            keys.insert(key);
        for (const std::string& key : keys) {
            find_differences(
                path + "/" + key, base.value(key, json()), head.value(key, json()), serious, found);
        }
        return;
    }
    if (base.is_array() && head.is_array() && base.size() == head.size()) {
        for (std::size_t index = 0; index < base.size(); ++index)
            find_differences(
                path + "/" + std::to_string(index), base[index], head[index], serious, found);
        return;
    }
    found.push_back({path, in_short(base), in_short(head), serious});
}

void compare_scenarios(const RunRecord& base, const RunRecord& head, std::vector<Mismatch>& found) {
    const json of_base = json::parse(base.scenario_json, nullptr, false);
    const json of_head = json::parse(head.scenario_json, nullptr, false);
    if (!of_base.is_object() || !of_head.is_object()) {
        if (base.scenario_json != head.scenario_json)
            found.push_back({"scenario file", base.scenario_file, head.scenario_file, true});
        return;
    }
    std::set<std::string> keys;
    for (const auto& [key, value] : of_base.items())
        keys.insert(key);
    for (const auto& [key, value] : of_head.items())
        keys.insert(key);
    std::vector<Mismatch> differences;
    for (const std::string& key : keys) {
        if (contains(indifferent, key)) continue;
        find_differences("/" + key,
                         of_base.value(key, json()),
                         of_head.value(key, json()),
                         !contains(under_test, key),
                         differences);
    }
    std::ranges::stable_partition(differences, &Mismatch::serious);
    if (differences.size() > differences_shown_max) {
        const std::size_t more = differences.size() - differences_shown_max;
        const bool serious = differences[differences_shown_max].serious;
        differences.resize(differences_shown_max);
        differences.push_back({std::to_string(more) + " more of the scenario", "", "", serious});
    }
    found.insert(found.end(), differences.begin(), differences.end());
}

void compare_parameters(const RunRecord& base,
                        const RunRecord& head,
                        std::vector<Mismatch>& found) {
    const auto value_in = [](const RunRecord& run, const std::string& name) {
        const auto at = run.parameters.find(name);
        return at == run.parameters.end() ? std::string("none") : at->second;
    };
    std::set<std::string> names;
    for (const auto& [name, value] : base.parameters)
        names.insert(name);
    for (const auto& [name, value] : head.parameters)
        names.insert(name);
    for (const std::string& name : names) {
        const std::string of_base = value_in(base, name), of_head = value_in(head, name);
        if (of_base != of_head) found.push_back({"parameter " + name, of_base, of_head, true});
    }
}

/// "a namespace per instance" or "the machine's", which matters to scenarios that take what there
/// is.
void compare_networks(const RunRecord& head,
                      std::string of_base,
                      std::string of_head,
                      std::vector<Mismatch>& found) {
    for (std::string* network : {&of_base, &of_head})
        network->resize(std::min(network->find(':'), network->size()));  // without the reason why
    if (of_base.empty() || of_head.empty() || of_base == of_head) return;
    const json scenario = json::parse(head.scenario_json, nullptr, false);
    const bool automatic = scenario.is_object() && scenario.value("isolation", json()) == "auto";
    found.push_back({"network", of_base, of_head, automatic});
}

/// The average over a minute, from /proc/loadavg.
double load_of(const std::string& load_average) {
    return std::strtod(load_average.c_str(), nullptr);
}

void compare_machines(const RunRecord& base, const RunRecord& head, std::vector<Mismatch>& found) {
    const auto fact_of = [](const RunRecord& run, const char* name) {
        const auto at = run.machine.find(name);
        return at == run.machine.end() ? std::string() : at->second;
    };
    for (const Fact& fact : facts) {
        const std::string of_base = fact_of(base, fact.name), of_head = fact_of(head, fact.name);
        // An older record may know less.
        if (of_base.empty() || of_head.empty() || of_base == of_head) continue;
        found.push_back({fact.name, of_base, of_head, fact.serious});
    }
    compare_networks(head, fact_of(base, "network"), fact_of(head, "network"), found);
    const std::string load_base = fact_of(base, "load_average"),
                      load_head = fact_of(head, "load_average");
    const double cores = std::max(1.0, std::strtod(fact_of(head, "cores").c_str(), nullptr));
    constexpr double noticed = 0.5;  // of a core each
    if (!load_base.empty() && !load_head.empty() &&
        std::abs(load_of(load_base) - load_of(load_head)) > noticed * cores)
        found.push_back({"load average at the start", load_base, load_head, false});
}

}  // namespace

std::vector<Mismatch> mismatches_between(const RunRecord& base, const RunRecord& head) {
    std::vector<Mismatch> found;
    if (base.scenario_name != head.scenario_name)
        found.push_back({"scenario", base.scenario_name, head.scenario_name, true});
    compare_parameters(base, head, found);
    compare_scenarios(base, head, found);
    compare_machines(base, head, found);
    if (base.faultline_version != head.faultline_version)
        found.push_back({"faultline", base.faultline_version, head.faultline_version, false});
    std::ranges::stable_partition(found, &Mismatch::serious);
    return found;
}

bool any_serious(const std::vector<Mismatch>& mismatches) {
    return std::ranges::any_of(mismatches, &Mismatch::serious);
}

}  // namespace faultline
