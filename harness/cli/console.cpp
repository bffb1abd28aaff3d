// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/console.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/judge/outcome.hpp"
#include "harness/run/catalog.hpp"
#include "harness/scenario/load_scenario.hpp"
#include "reports/renderer.hpp"

namespace faultline::cli {

Console find_console() {
    Console console;
    console.terminal = ::isatty(STDOUT_FILENO) == 1;
    const char* no_colour = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
    console.colour = console.terminal && (no_colour == nullptr || *no_colour == '\0');
    winsize size{};
    if (console.terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
        console.width = size.ws_col;
    }
    return console;
}

int complain(const std::string& message, int code) {
    fmt::print(stderr, "faultline: {}\n", message);
    return code;
}

int complain(const Diagnostics& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics)
        fmt::print(stderr, "{}\n", format_diagnostic(diagnostic));
    fmt::print(stderr,
               "{} mistake{}; nothing was started\n",
               diagnostics.size(),
               diagnostics.size() == 1 ? "" : "s");
    return exit_code_of(RunOutcome::usage);
}

Result<std::map<std::string, std::string>> parse_settings(const std::vector<std::string>& words) {
    std::map<std::string, std::string> settings;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0) {
            return fail(fmt::format("--set {}: write --set name=value", word), ErrorCode::invalid);
        }
        settings[word.substr(0, equals)] = word.substr(equals + 1);
    }
    return settings;
}

Result<std::vector<std::filesystem::path>> find_scenarios(
    const std::vector<std::filesystem::path>& paths) {
    std::vector<std::filesystem::path> found;
    for (const auto& path : paths) {
        std::error_code error;
        if (!std::filesystem::is_directory(path, error)) {
            if (!std::filesystem::exists(path, error))
                return fail(fmt::format("{}: there is no such file or folder", path.string()),
                            ErrorCode::not_found);
            found.push_back(path);
            continue;
        }
        const std::size_t before = found.size();
        auto entry = std::filesystem::recursive_directory_iterator(path, error);
        for (; !error && entry != std::filesystem::recursive_directory_iterator();
             entry.increment(error)) {
            const auto& file = entry->path();
            if (entry->is_directory(error) && file.filename() == "schema")
                entry.disable_recursion_pending();
            if (file.extension() == ".json" && !file.filename().string().starts_with("_") &&
                entry->is_regular_file(error))
                found.push_back(file);
        }
        if (error) return fail_errno("reading " + path.string(), error.value());
        if (found.size() == before)
            return fail(
                fmt::format("{}: there is no scenario (*.json) in this folder", path.string()),
                ErrorCode::not_found);
        std::sort(found.begin() + static_cast<std::ptrdiff_t>(before), found.end());
    }
    return found;
}

Loaded load_all(const std::vector<std::filesystem::path>& files,
                const std::map<std::string, std::string>& settings) {
    Loaded all;
    for (const auto& file : files) {
        LoadedScenario loaded = load_scenario(file, full_catalog(), LoadOptions{.set = settings});
        std::move(loaded.cases.begin(), loaded.cases.end(), std::back_inserter(all.cases));
        std::move(loaded.diagnostics.begin(),
                  loaded.diagnostics.end(),
                  std::back_inserter(all.diagnostics));
    }
    return all;
}

Result<> print_run(const RunRecord& run,
                   const std::string& format,
                   const std::filesystem::path& directory,
                   std::optional<int> trial) {
    if (format == "none") return {};
    if (format == "json") {
        fmt::print("{}", encode_summary(*run.summary, run.instrument));
        return {};
    }
    const reports::Renderer* renderer = reports::find_renderer(format);
    if (renderer == nullptr) return fail("unknown format " + format, ErrorCode::invalid);
    const Console console = find_console();
    const reports::RenderOptions options{
        .colour = console.colour, .width = console.width, .directory = directory, .trial = trial};
    fmt::print("{}", renderer->render(run, options));
    return {};
}

Result<> write_reports(const RunRecord& run, const std::filesystem::path& directory) {
    for (const reports::Renderer& renderer : reports::renderers()) {
        if (renderer.file.empty()) continue;
        FL_TRY_VOID(
            write_file(directory / renderer.file, renderer.render(run, {.directory = directory})));
    }
    return {};
}

}  // namespace faultline::cli
