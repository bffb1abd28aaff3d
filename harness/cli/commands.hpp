// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace faultline::cli {

// One struct per subcommand, filled by command_line.cpp, and the function that carries it out and
// returns the exit code.

struct RunCommand {
    std::vector<std::filesystem::path> files;
    std::vector<std::string> set;
    std::optional<int> trials, control;
    std::optional<std::uint64_t> seed;
    std::filesystem::path out;
    std::filesystem::path resume;
    std::string format = "terminal";
    int jobs = 1;
    bool fail_fast = false;
    bool keep_data = false;
    std::vector<std::string> words;  // the whole command line
};
int run(const RunCommand& command);

struct ValidateCommand {
    std::vector<std::filesystem::path> files;
    std::vector<std::string> set;
};
int validate(const ValidateCommand& command);

struct ExplainCommand {
    std::filesystem::path file;
    std::vector<std::string> set;
};
int explain(const ExplainCommand& command);

struct ListCommand {
    std::string what;  // "faults", "drivers", "probes" or empty
    std::string name;
};
int list(const ListCommand& command);

struct SchemaCommand {
    bool reference = false;
};
int schema(const SchemaCommand& command);

struct DoctorCommand {
    bool json = false;
};
int doctor(const DoctorCommand& command);

struct CalibrateCommand {
    int trials = 100;
    bool idle_only = false;
    std::uint64_t seed = 1;
};
int calibrate(const CalibrateCommand& command);

struct RecoverCommand {
    bool dry_run = false;
};
int recover(const RecoverCommand& command);

struct ReportCommand {
    std::filesystem::path directory;
    std::string format = "terminal";
    bool write = false;
};
int report(const ReportCommand& command);

struct InitCommand {
    std::vector<std::string> command;
    std::filesystem::path out;
};
int init(const InitCommand& command);

struct ProxyCommand {
    std::string host = "localhost";
    int port = 8474;
    std::filesystem::path config;
    std::optional<std::uint64_t> seed;
    bool proxy_metrics = false;
    bool runtime_metrics = false;
};
int proxy(const ProxyCommand& command);

struct CompletionCommand {
    std::string shell;
};
int completion(const CompletionCommand& command);

/// Parses the command line and carries it out. Returns the exit code.
int dispatch(int argc, char** argv);

}  // namespace faultline::cli
