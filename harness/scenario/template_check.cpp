// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "harness/scenario/names.hpp"
#include "harness/scenario/templates.hpp"

namespace faultline {
namespace {

Result<> unknown_name(const std::string& name, const std::vector<std::string>& candidates) {
    return fail(fmt::format("unknown template \"${{{}}}\"{}; write $${{ for a literal ${{",
                            name,
                            suggest(name, candidates)),
                ErrorCode::invalid);
}

/// `kv[1].port.peer`: an instance named from anywhere. `bracket` is the position of '['.
Result<> check_instance(const std::string& name, std::size_t bracket, const Names& names) {
    const auto closing = name.find("].", bracket);
    int index = -1;
    if (closing != std::string::npos) {
        const char* end = name.data() + closing;
        const auto [read, error] = std::from_chars(name.data() + bracket + 1, end, index);
        if (error != std::errc() || read != end) index = -1;
    }
    if (index < 0) {
        return fail(fmt::format("\"${{{}}}\" does not name an instance; write for example "
                                "${{kv[1].port.client}}",
                                name),
                    ErrorCode::invalid);
    }
    const Selector selector{
        .text = name.substr(0, closing + 1), .target = name.substr(0, bracket), .index = index};
    if (const auto exists = check_selector(selector, names); !exists) {
        return in_context(fmt::format("in \"${{{}}}\"", name), exists.error());
    }
    const std::string rest = name.substr(closing + 2);
    if (rest == "dir" || rest == "name" || rest == "index" || rest == "host") return {};
    if (rest.starts_with("port.")) {
        const auto port =
            check_port(rest.substr(5), names, Scope{.target = names.find_target(selector.target)});
        if (!port) return in_context(fmt::format("in \"${{{}}}\"", name), port.error());
        return {};
    }
    return unknown_name(name,
                        {selector.text + ".port.NAME",
                         selector.text + ".host",
                         selector.text + ".dir",
                         selector.text + ".name"});
}

Result<> check_environment(const std::string& name) {
    const std::string variable = name.substr(4);
    // Scenarios are read before any thread starts that would change the environment.
    if (std::getenv(variable.c_str()) != nullptr) return {};  // NOLINT(concurrency-mt-unsafe)
    return fail(
        fmt::format("in \"${{{}}}\": the environment variable {} is not set", name, variable),
        ErrorCode::invalid);
}

Result<> check_own(const std::string& name, const Names& names, const Scope& scope) {
    static const std::vector<std::string> own{"dir", "host", "index", "name"};
    const bool is_port = name.starts_with("port.");
    if (!is_port && std::find(own.begin(), own.end(), name) == own.end()) {
        std::vector<std::string> candidates{
            "dir", "bin", "host", "index", "name", "trial", "env.NAME"};
        if (scope.target != nullptr) {
            for (const std::string& port : scope.target->ports)
                candidates.push_back("port." + port);
        }
        return unknown_name(name, candidates);
    }
    if (scope.unsure) return {};
    if (scope.target == nullptr) {
        return fail(
            fmt::format("\"${{{0}}}\" means nothing here, where no target is around it; name an "
                        "instance: ${{TARGET[0].{0}}}",
                        name),
            ErrorCode::invalid);
    }
    if (!is_port) return {};
    if (const auto port = check_port(name.substr(5), names, scope); !port) {
        return in_context(fmt::format("in \"${{{}}}\"", name), port.error());
    }
    return {};
}

/// `to.kv[1].port.peer`: where the instance around the text reaches that one; `to.port.peer`: where
/// others reach it.
Result<> check_reached(const std::string& name, const Names& names, const Scope& scope) {
    const std::string reached = name.substr(3);
    if (reached.starts_with("port.")) return check_own(reached, names, scope);
    const auto bracket = reached.find('[');
    const auto closing = reached.find("].");
    const bool is_port = bracket != std::string::npos && closing != std::string::npos &&
                         reached.compare(closing, 7, "].port.") == 0;
    if (!is_port) {
        return fail(
            fmt::format(
                "\"${{{}}}\" does not name a port of an instance; write for "
                "example ${{to.kv[1].port.peer}}, or ${{to.port.peer}} for the instance's own",
                name),
            ErrorCode::invalid);
    }
    if (const auto good = check_instance(reached, bracket, names); !good) return good;
    if (scope.unsure || scope.target != nullptr) return {};
    return fail(fmt::format("\"${{{}}}\" means nothing here, where no target is around it: "
                            "write ${{{}}}",
                            name,
                            reached),
                ErrorCode::invalid);
}

}  // namespace

Result<> check_templates(std::string_view text, const Names& names, const Scope& scope) {
    FL_TRY(const auto used, template_names(text));
    for (const auto& [name, offset] : used) {
        if (name == "bin" || name == "trial") continue;
        if (name.starts_with("env.")) {
            FL_TRY_VOID(check_environment(name));
        } else if (name.starts_with("to.")) {
            FL_TRY_VOID(check_reached(name, names, scope));
        } else if (const auto bracket = name.find('['); bracket != std::string::npos) {
            FL_TRY_VOID(check_instance(name, bracket, names));
        } else {
            FL_TRY_VOID(check_own(name, names, scope));
        }
    }
    return {};
}

}  // namespace faultline
