// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include "harness/base/nearest.hpp"
#include "harness/scenario/decode.hpp"
#include "harness/scenario/secret_values.hpp"
#include "harness/scenario/templates.hpp"

namespace faultline {
namespace {

const char* variable_of(const std::string& name) {
    return std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): before any thread
}

/// The literal parts of a text whose other templates only a trial can fill; those of the
/// environment are filled.
std::vector<std::string> known_parts(const std::string& text) {
    constexpr char cut = '\0';
    const auto filled = expand_template(text, [](const std::string& name) -> Result<std::string> {
        const char* value = name.starts_with("env.") ? variable_of(name.substr(4)) : nullptr;
        return value == nullptr ? std::string(1, cut) : std::string(value);
    });
    std::vector<std::string> parts;
    if (!filled) return parts;  // reported where the text is decoded
    for (std::size_t at = 0; at <= filled->size();) {
        const std::size_t end = std::min(filled->find(cut, at), filled->size());
        parts.push_back(filled->substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

class SecretDecoder {
  public:
    SecretDecoder(const DecodeContext& context, Scenario& scenario)
        : context_(context), scenario_(scenario) {}

    void decode(const PlacedText& line) {
        const std::string& name = line.text;
        if (name.empty() || name.find('=') != std::string::npos) {
            context_.mistakes.add(line.node->place,
                                  "names an environment variable, API_TOKEN, or an argument, "
                                  "--password: not empty, without '='");
            return;
        }
        scenario_.secret_names.push_back(name);
        std::size_t found = 0;
        for (const Target& target : scenario_.targets) {
            for (const InstanceSpec& spec : target.instances) {
                for (const std::string& value :
                     secret_values(name, {spec.command, spec.environment})) {
                    ++found;
                    take(line, value);
                }
            }
        }
        if (const char* inherited = variable_of(name); inherited != nullptr) {
            ++found;
            take(line, inherited);
        }
        if (found == 0) check_spelling(line);
    }

  private:
    void take(const PlacedText& line, const std::string& value) {
        if (value.find(Secrets::shown) != std::string::npos) return;  // masked already
        const std::vector<std::string> parts = known_parts(value);
        for (const std::string& part : parts) {
            if (part.size() >= Secrets::length_min) {
                scenario_.secrets.add(part);
            } else if (parts.size() == 1) {
                if (const auto good = check_secret(line.text, part); !good)
                    context_.mistakes.add(line.node->place, good.error().message);
            }
        }
    }

    /// A variable that is nowhere may be set on another day; one that is nearly there, and an
    /// argument, is a slip that would print the secret.
    void check_spelling(const PlacedText& line) const {
        std::set<std::string> names;
        for (const Target& target : scenario_.targets) {
            for (const InstanceSpec& spec : target.instances) {
                for (const auto& [name, value] : spec.environment)
                    names.insert(name);
                for (const std::string& word : spec.command) {
                    if (word.starts_with('-')) names.insert(word.substr(0, word.find('=')));
                }
            }
        }
        const std::vector<std::string> known(names.begin(), names.end());
        if (!line.text.starts_with('-') && nearest_name(line.text, known).empty()) return;
        context_.mistakes.add(line.node->place,
                              fmt::format("no target has an environment variable or an argument "
                                          "\"{}\"{}",
                                          line.text.substr(0, 60),
                                          suggestion(line.text, known)));
    }

    const DecodeContext& context_;
    Scenario& scenario_;
};

}  // namespace

void decode_secrets(const Node* node, DecodeContext& context, Scenario& scenario) {
    SecretDecoder decoder(context, scenario);
    for (const PlacedText& line : decode_lines(node, context))
        decoder.decode(line);
}

}  // namespace faultline
