// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/templates.hpp"

#include <fmt/format.h>

namespace faultline {
namespace {

/// Walks a text: `literal` gets what stands between templates, `name` each name with its offset.
template <class OnLiteral, class OnName>
Result<> walk(std::string_view text, const OnLiteral& literal, const OnName& name) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t dollar = text.find("${", at);
        if (dollar == std::string_view::npos) break;
        if (dollar > at && text[dollar - 1] == '$') {  // "$${" stands for "${"
            literal(text.substr(at, dollar - at - 1));
            literal("${");
            at = dollar + 2;
            continue;
        }
        literal(text.substr(at, dollar - at));
        const std::size_t end = text.find('}', dollar);
        if (end == std::string_view::npos) {
            return fail(
                fmt::format("\"{}\" opens a template that is never closed; write $${{ for a "
                            "literal ${{",
                            text.substr(dollar, 30)),
                ErrorCode::invalid);
        }
        if (end == dollar + 2) {
            return fail("\"${}\" names nothing; write $${} for a literal ${}", ErrorCode::invalid);
        }
        FL_TRY_VOID(name(std::string(text.substr(dollar + 2, end - dollar - 2)), dollar));
        at = end + 1;
    }
    if (at < text.size()) literal(text.substr(at));
    return {};
}

}  // namespace

Result<std::vector<TemplateName>> template_names(std::string_view text) {
    std::vector<TemplateName> names;
    FL_TRY_VOID(walk(
        text,
        [](std::string_view) {},
        [&](std::string name, std::size_t offset) -> Result<> {
            names.push_back({std::move(name), offset});
            return {};
        }));
    return names;
}

Result<std::string> expand_template(
    std::string_view text,
    const std::function<Result<std::string>(const std::string& name)>& lookup) {
    std::string expanded;
    FL_TRY_VOID(walk(
        text,
        [&](std::string_view literal) { expanded += literal; },
        [&](const std::string& name, std::size_t) -> Result<> {
            FL_TRY(const std::string value, lookup(name));
            expanded += value;
            return {};
        }));
    return expanded;
}

}  // namespace faultline
