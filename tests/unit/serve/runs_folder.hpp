// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "harness/base/check.hpp"
#include "harness/result/result_directory.hpp"
#include "tests/unit/result/sample_run.hpp"

namespace faultline::testing {

/// A folder of result directories that goes with the object.
class RunsFolder {
  public:
    RunsFolder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "faultline-serve-XXXXXX").string();
        FL_CHECK(::mkdtemp(pattern.data()) != nullptr);
        path_ = std::filesystem::canonical(pattern);
    }
    ~RunsFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    RunsFolder(const RunsFolder&) = delete;
    RunsFolder& operator=(const RunsFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// A run as it begins; its trials and summary are still to come.
    [[nodiscard]] ResultDirectory begin(const std::string& name, const RunRecord& run) const {
        auto directory = ResultDirectory::create(path_ / name, run);
        FL_CHECK(directory.has_value());
        return std::move(*directory);
    }
    /// With all its trials and its summary.
    void add(const std::string& name, const RunRecord& run) const {
        ResultDirectory directory = begin(name, run);
        for (const TrialRecord& trial : run.trials)
            FL_CHECK(directory.append_trial(trial).has_value());
        FL_CHECK(directory.write_summary(*run.summary, run.instrument).has_value());
    }
    void write(const std::string& name, const std::string& content) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name) << content;
    }

  private:
    std::filesystem::path path_;
};

/// A small run with a name of its own.
inline RunRecord small_run(const std::string& scenario, const std::string& run) {
    RunRecord record = sample_run();
    record.scenario_name = scenario;
    record.run = run;
    record.trials.resize(2);
    return record;
}

}  // namespace faultline::testing
