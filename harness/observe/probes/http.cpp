// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "harness/observe/probes/catalog.hpp"
#include "harness/observe/probes/http_question.hpp"

namespace faultline {
namespace {

/// An empty pointer: the status is the answer.
ProbeAnswer interpret_http(std::int64_t wanted_status,
                           const std::string& wanted_pointer,
                           unsigned status,
                           const std::string& body) {
    ProbeAnswer answer{.value = std::to_string(status)};
    if (status != static_cast<unsigned>(wanted_status)) {
        answer.error = "status " + answer.value + ", expected " + std::to_string(wanted_status);
        return answer;
    }
    answer.ok = true;
    if (wanted_pointer.empty()) return answer;

    answer.value.clear();
    const auto document = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
    const nlohmann::json::json_pointer pointer(wanted_pointer);
    if (document.is_discarded()) {
        answer.error = "the body is not JSON";
    } else if (!document.contains(pointer)) {
        answer.error = "the body has nothing at " + wanted_pointer;
    } else {
        const auto& value = document.at(pointer);
        answer.value = value.is_string() ? value.get<std::string>() : value.dump();
    }
    answer.ok = answer.error.empty();
    return answer;
}

Result<std::unique_ptr<Probe>> make(Loop& loop, const ProbeSpec& spec, const ProbeTarget& target) {
    const auto path = spec.parameters.get<std::string>("path");
    const auto status = spec.parameters.get<std::int64_t>("status");
    const auto pointer = spec.parameters.find<std::string>("pointer").value_or("");
    if (!path.starts_with('/')) {
        return fail(
            "probe http of " + target.instance + ": path \"" + path + "\" must begin with a slash",
            ErrorCode::invalid);
    }
    try {
        const nlohmann::json::json_pointer checked(pointer);
    } catch (const nlohmann::json::exception& error) {
        return fail("probe http of " + target.instance + ": \"" + pointer +
                        "\" is not a JSON pointer such as /status/role: " + error.what(),
                    ErrorCode::invalid);
    }
    const auto interpret = [status, pointer](unsigned answered, const std::string& body) {
        return interpret_http(status, pointer, answered, body);
    };
    return make_http_probe(loop, spec, target, {.path = path, .interpret = interpret});
}

}  // namespace

ProbeKind http_probe() {
    return {
        {.name = "http",
         .about = "Asks GET over HTTP/1.1; ok when the status is the expected one.",
         .parameters = {{.name = "path",
                         .type = ParameterType::text,
                         .help = "What to get, with its query.",
                         .default_value = "/"},
                        {.name = "pointer",
                         .type = ParameterType::text,
                         .help = "JSON pointer into the body, for example /status/role; its value "
                                 "becomes the answer."},
                        {.name = "status",
                         .type = ParameterType::integer,
                         .help = "The status that is ok.",
                         .default_value = "200",
                         .minimum = 100,
                         .maximum = 599}},
         .answers = {"the status, or the value at the pointer"}},
        make};
}

}  // namespace faultline
