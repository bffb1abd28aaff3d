// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "harness/scenario/decode.hpp"
#include "harness/scenario/launch_order.hpp"
#include "harness/scenario/merge.hpp"

namespace faultline {
namespace {

/// Every instance is a process with ports, files and a log; more are a mistake of the hand.
constexpr std::size_t instances_max = 2000;

class TargetDecoder {
  public:
    TargetDecoder(const std::string& name, DecodeContext& context)
        : name_(name), context_(context), scope_{.target = context.names.find_target(name)} {}

    Target decode(const Node& node, std::size_t room) {
        Target target{.name = name_};
        const DecodedSection section = decode_section(target_section(), node, context_, scope_);
        target.ports = unique_names(section.part("ports"), "port");
        target.after = after_of(section.part("after"));
        const auto count = static_cast<std::size_t>(section.values.get<std::int64_t>("count"));
        if (count > room) {
            context_.mistakes.add(
                node.place, fmt::format("the scenario has more than {} instances", instances_max));
        }
        target.instances.assign(std::min(count, room), instance_of(section));
        if (const Node* patches = section.part("instances"))
            patch_instances(node, *patches, count, target);
        return target;
    }

  private:
    InstanceSpec instance_of(const DecodedSection& section) {
        InstanceSpec spec;
        using Texts = std::vector<std::string>;
        spec.command = section.values.find<Texts>("command").value_or(Texts{});
        if (!spec.command.empty() && spec.command.front().empty()) {
            context_.mistakes.add(section.node->find("command")->place,
                                  "the name of the program is empty");
        }
        for (const std::string& word : section.values.find<Texts>("args").value_or(Texts{})) {
            spec.command.push_back(word);
        }
        if (const Node* environment = section.part("env")) decode_environment(*environment, spec);
        spec.folder = section.values.get<std::string>("directory");
        if (const Node* files = section.part("files")) decode_files(*files, spec);
        if (const Node* ready = section.part("ready")) {
            const DecodedSection decoded =
                decode_section(ready_section(), *ready, context_, scope_);
            spec.ready = ReadySpec{.probe = probe_of(decoded, context_, scope_),
                                   .within = decoded.values.get<Duration>("within")};
        }
        const DecodedSection stop =
            decode_section_or_defaults(stop_section(), section.part("stop"), context_);
        spec.stop.signal = static_cast<int>(stop.values.get<std::int64_t>("signal"));
        spec.stop.grace = stop.values.get<Duration>("grace");
        const DecodedSection limits =
            decode_section_or_defaults(limits_section(), section.part("limits"), context_);
        spec.limits.open_files = unsigned_of(limits.values.find<std::int64_t>("nofile"));
        spec.limits.memory_bytes = unsigned_of(limits.values.find<std::int64_t>("memory"));
        return spec;
    }

    static std::optional<std::uint64_t> unsigned_of(std::optional<std::int64_t> value) {
        if (!value) return std::nullopt;
        return static_cast<std::uint64_t>(*value);
    }

    void decode_environment(const Node& node, InstanceSpec& spec) {
        if (node.object() == nullptr) {
            context_.mistakes.add(node.place,
                                  "expected an object of names and texts, found " + describe(node));
            return;
        }
        for (const auto& [key, key_place, value] : *node.object()) {
            if (key.empty() || key.find_first_of(std::string("=\0", 2)) != std::string::npos) {
                context_.mistakes.add(key_place,
                                      "an environment variable's name is not empty and has no '='");
            }
            if (value.is_null()) {
                spec.environment_removed.push_back(key);
            } else if (const auto text = decode_scalar(value, context_.values(scope_))) {
                spec.environment[key] = *text;
            }
        }
    }

    void decode_files(const Node& node, InstanceSpec& spec) {
        if (node.object() == nullptr) {
            context_.mistakes.add(
                node.place,
                "expected an object of file names and contents, found " + describe(node));
            return;
        }
        for (const auto& [key, key_place, value] : *node.object()) {
            if (const std::string wrong = wrong_with_file_name(key); !wrong.empty()) {
                context_.mistakes.add(key_place,
                                      fmt::format("file name \"{}\" {}", key.substr(0, 60), wrong));
            }
            spec.files[key] = content_of(value);
        }
    }

    static std::string wrong_with_file_name(const std::string& name) {
        if (name.find("${") != std::string::npos)
            return "is taken literally; templates go into its content";
        if (name.find('\0') != std::string::npos) return "has a NUL";
        const std::filesystem::path path(name);
        const bool stays_below = !path.empty() && path.is_relative() && path.has_filename() &&
                                 std::none_of(path.begin(), path.end(), [](const auto& part) {
                                     return part == ".." || part == ".";
                                 });
        return stays_below ? "" : "must stay below ${dir}: relative and without \"..\"";
    }

    std::string content_of(const Node& value) {
        if (value.array() == nullptr)
            return decode_text(value, context_.values(scope_)).value_or("");
        std::string content;
        for (const Node& line : *value.array()) {
            content += decode_text(line, context_.values(scope_)).value_or("") + "\n";
        }
        return content;
    }

    std::vector<std::string> unique_names(const Node* node, std::string_view what) {
        std::vector<std::string> names;
        for (const PlacedText& line : decode_lines(node, context_)) {
            if (const auto good = check_name(line.text, what); !good) {
                context_.mistakes.add(line.node->place, good.error().message);
            } else if (std::find(names.begin(), names.end(), line.text) != names.end()) {
                context_.mistakes.add(line.node->place,
                                      fmt::format("{} \"{}\" is there twice", what, line.text));
            } else {
                names.push_back(line.text);
            }
        }
        return names;
    }

    std::vector<std::string> after_of(const Node* node) {
        std::vector<std::string> after;
        for (const PlacedText& line : decode_lines(node, context_)) {
            if (context_.names.find_target(line.text) == nullptr) {
                context_.mistakes.add(
                    line.node->place,
                    fmt::format("unknown target \"{}\"{}",
                                line.text.substr(0, 60),
                                suggest(line.text, context_.names.target_names())));
            } else if (std::find(after.begin(), after.end(), line.text) == after.end()) {
                after.push_back(line.text);
            }
        }
        return after;
    }

    void patch_instances(const Node& node, const Node& patches, std::size_t count, Target& target) {
        if (patches.object() == nullptr) {
            context_.mistakes.add(
                patches.place,
                "expected an object of instance numbers and what they have different, found " +
                    describe(patches));
            return;
        }
        Node base = node;
        std::erase_if(*base.object(), [](const auto& member) { return member.key == "instances"; });
        for (const auto& [key, key_place, patch] : *patches.object()) {
            const auto index = index_of(key, count, key_place);
            const bool good = check_patch(patch);
            if (!index || !good || *index >= target.instances.size()) continue;
            const Node merged = merge_patch(base, patch);
            target.instances[*index] =
                instance_of(decode_section(target_section(), merged, context_, scope_));
        }
    }

    std::optional<std::size_t> index_of(const std::string& key, std::size_t count, Place place) {
        std::size_t index = 0;
        const char* end = key.data() + key.size();
        const auto [read, error] = std::from_chars(key.data(), end, index);
        const bool plain = error == std::errc() && read == end && key == std::to_string(index);
        if (plain && index < count) return index;
        context_.mistakes.add(
            place,
            fmt::format("there is no instance \"{}\" of \"{}\": they go from 0 to {}",
                        key.substr(0, 60),
                        name_,
                        count - 1));
        return std::nullopt;
    }

    bool check_patch(const Node& patch) {
        if (patch.object() == nullptr) {
            context_.mistakes.add(patch.place, "expected an object, found " + describe(patch));
            return false;
        }
        bool good = true;
        for (const Node::Member& member : *patch.object()) {
            const auto& keys = instance_keys();
            if (std::find(keys.begin(), keys.end(), member.key) != keys.end()) continue;
            context_.mistakes.add(member.key_place,
                                  fmt::format("\"{}\" cannot differ between instances{}",
                                              member.key.substr(0, 60),
                                              suggest(member.key, keys)));
            good = false;
        }
        return good;
    }

    const std::string& name_;
    DecodeContext& context_;
    Scope scope_;
};

}  // namespace

void decode_targets(const Node* node, DecodeContext& context, Scenario& scenario) {
    if (node == nullptr) return;
    if (node->object() == nullptr || node->object()->empty()) {
        context.mistakes.add(node->place,
                             "expected an object with at least one target, found " +
                                 std::string(node->object() == nullptr ? describe(*node) : "none"));
        return;
    }
    std::size_t room = instances_max;
    for (const auto& [key, key_place, value] : *node->object()) {
        if (const auto good = check_name(key, "target"); !good) {
            context.mistakes.add(key_place, good.error().message);
        }
        scenario.targets.push_back(TargetDecoder(key, context).decode(value, room));
        room -= scenario.targets.back().instances.size();
    }
    scenario.targets = in_launch_order(std::move(scenario.targets), *node, context.mistakes);
}

}  // namespace faultline
