// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/command_page.hpp"

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
    std::filesystem::path bin_dir;  // what ${bin} means; empty: this program's folder
    std::string format = "terminal";
    int jobs = 1;
    bool fail_fast = false;
    bool keep_data = false;
    std::string store;                // path or URL; "none"; empty: the default one
    std::optional<int> metrics_port;  // 0: any
    std::vector<std::string> notify_webhooks;
    std::vector<std::string> notify_commands;
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
    std::optional<int> trial;  // for what shows one; absent: the one in the middle
    bool write = false;
};
int report(const ReportCommand& command);

struct CompareCommand {
    std::string base, head;  // result directories, or runs in the store
    std::string effect = "10%";
    std::string confidence = "95%";
    std::vector<std::string> measures;
    std::string format = "terminal";
    bool anyway = false;  // compare also what is not alike
    std::string store;
};
int compare(const CompareCommand& command);

struct GateCommand {
    std::vector<std::filesystem::path> files;
    std::vector<std::string> set;
    std::filesystem::path baseline;      // result directory, or a folder of them
    std::filesystem::path base_bin_dir;  // programs of the build to compare with
    std::filesystem::path bin_dir;       // and of the one to judge; empty: this program's folder
    std::string effect = "10%";
    std::string alarm = "5%";  // how often a build that is no worse may fail
    std::vector<std::string> measures;
    int max_trials = 100;  // of each build
    std::optional<std::uint64_t> seed;
    std::filesystem::path out;
    std::string format = "terminal";
    std::string store;
    bool anyway = false;
    std::vector<std::string> words;
};
int gate(const GateCommand& command);

struct HistoryCommand {
    std::string scenario;  // empty: all
    std::string store;
    int last = 20;
    std::string format = "terminal";
};
int history(const HistoryCommand& command);

struct HistoryImportCommand {
    std::vector<std::filesystem::path> directories;  // result directories, or folders of them
    std::string store;
    bool rebuild = false;  // forget what is in the store and is not below the directories
};
int history_import(const HistoryImportCommand& command);

struct TrendCommand {
    std::string scenario;
    std::string measure = "recovery_time.p50";
    std::string store;
    int last = 50;
    std::string format = "terminal";
};
int trend(const TrendCommand& command);

struct ServeCommand {
    std::filesystem::path directory = "results";
    std::string host = "127.0.0.1";
    int port = 8470;  // 0: any
};
int serve(const ServeCommand& command);

struct BenchCommand {
    std::vector<std::filesystem::path> files;
    std::vector<std::string> set;
    std::optional<int> trials;
    std::optional<std::uint64_t> seed;
    std::filesystem::path out;                 // empty: results/bench-<scenario>-<time>-<id>
    std::filesystem::path chart;               // HTML or Markdown file of a sweep
    std::vector<std::string> benchmark_flags;  // --benchmark_format=json ...
    std::vector<std::string> words;
};
int bench(const BenchCommand& command);

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
    std::function<CommandPage()> describe;  // the whole command line
};
int completion(const CompletionCommand& command);

struct ManualCommand {
    std::string name;              // of a command; empty: the program's page
    std::filesystem::path folder;  // write every page there instead
    std::function<CommandPage()> describe;
};
int manual(const ManualCommand& command);

/// Parses the command line and carries it out. Returns the exit code.
int dispatch(int argc, char** argv);

}  // namespace faultline::cli
