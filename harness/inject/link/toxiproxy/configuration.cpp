// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/configuration.hpp"

#include <utility>

#include "harness/base/file.hpp"

namespace faultline::link {

Result<Configuration> read_configuration(const std::filesystem::path& file) {
    FL_TRY(const std::string text, read_file(file));
    Configuration configuration{.findings = Findings(file.string(), text)};
    configuration.proxies = read_proxies(configuration.findings);
    return configuration;
}

}  // namespace faultline::link
