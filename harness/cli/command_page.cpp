// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/command_page.hpp"

#include <sstream>

#include "harness/cli/command_line.hpp"

namespace faultline::cli {
namespace {

/// "TEXT:{json,none}" → json, none.
std::vector<std::string> choices_in(const std::string& type) {
    const std::size_t begin = type.find('{');
    const std::size_t end = type.find('}', begin);
    std::vector<std::string> choices;
    if (begin == std::string::npos || end == std::string::npos) return choices;
    std::istringstream words(type.substr(begin + 1, end - begin - 1));
    for (std::string word; std::getline(words, word, ',');)
        choices.push_back(word);
    return choices;
}

OptionPage page_of(const CLI::Option& option) {
    OptionPage page;
    for (const std::string& name : option.get_snames())
        page.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames())
        page.names.push_back("--" + name);
    if (page.names.empty()) page.names.push_back(option.get_single_name());
    const bool takes_value = option.get_type_size_max() > 0;
    if (takes_value) {
        const std::string type = option.get_type_name();
        const std::size_t end = type.find_first_of(":{");
        page.choices = choices_in(type);
        page.value = type.substr(0, end);
        if (page.choices.empty() && end != std::string::npos) page.limits = type.substr(end + 1);
    }
    page.help = option.get_description();
    page.standard = takes_value ? option.get_default_str() : "";
    page.required = option.get_required();
    page.repeatable = takes_value && option.get_expected_max() > 1;
    return page;
}

}  // namespace

CommandPage page_of(const CLI::App& app) {
    CommandPage page{.name = app.get_name(), .about = app.get_description()};
    page.footer = app.get_footer();
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_group().empty()) continue;  // hidden
        (option->get_positional() ? page.positionals : page.options).push_back(page_of(*option));
    }
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        page.commands.push_back(page_of(*command));
    return page;
}

}  // namespace faultline::cli
