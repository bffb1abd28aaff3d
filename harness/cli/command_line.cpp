// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/command_line.hpp"

#include "harness/judge/outcome.hpp"
#include "harness/run/version.hpp"
#include "reports/renderer.hpp"

namespace faultline::cli {
namespace {

constexpr const char* about =
    "Breaks real processes on purpose and measures how fast they notice, how fast they serve\n"
    "again, and how much was lost on the way.";

constexpr const char* examples =
    "Examples:\n"
    "  faultline init -- ./my-server --port 8080   write a first scenario for your server\n"
    "  faultline validate scenarios/               check scenario files, start nothing\n"
    "  faultline explain scenario.json             what would happen, and what it would mean\n"
    "  faultline run scenario.json --trials 20     run it and get a verdict\n"
    "  faultline calibrate                         how wrong the numbers can be on this machine\n\n"
    "Exit codes: 0 pass, 1 fail, 2 usage, 3 inconclusive, 4 unhealthy, 5 ineffective,\n"
    "            6 harness error, 130 interrupted";

void add_run(CLI::App& app, RunCommand& command, std::function<int()>& chosen) {
    CLI::App* sub = add(app, "run", "Run scenarios and judge them", run, command, chosen);
    sub->add_option("files", command.files, "Scenario files, or folders of them")
        ->type_name("FILE");
    sub->add_option("--trials", command.trials, "Fault trials, over the scenario's own number")
        ->check(CLI::Range(0, 1'000'000));
    sub->add_option("--control", command.control, "Control trials, which inject nothing")
        ->check(CLI::Range(0, 1'000'000));
    sub->add_option("--seed", command.seed, "Repeats the choices and the jitter of another run");
    sub->add_option("--set", command.set, set_help)->type_name("NAME=VALUE");
    sub->add_option(
           "--out", command.out, "Result directory (default: results/<scenario>-<time>-<id>)")
        ->type_name("DIR");
    sub->add_option("--bin-dir", command.bin_dir, "What ${bin} means (default: beside faultline)")
        ->type_name("DIR");
    sub->add_option("--resume", command.resume, "Complete the run in this result directory")
        ->type_name("DIR");
    sub->add_option(
           "--jobs", command.jobs, "Trials side by side; they disturb each other's figures")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    sub->add_flag("--fail-fast",
                  command.fail_fast,
                  "Stop at the first trial that fails to measure or to recover");
    sub->add_flag(
        "--keep-data", command.keep_data, "Keep what the targets wrote, also after good trials");
    sub->add_option("--format", command.format, "What to print at the end")
        ->check(CLI::IsMember(format_names()))
        ->capture_default_str();
    sub->add_option("--store", command.store, store_help)->type_name("STORE");
    sub->add_option("--metrics-port",
                    command.metrics_port,
                    "Serve OpenMetrics of the run under way on this loopback port; 0: any")
        ->check(CLI::Range(0, 65535));
    sub->add_option("--notify-webhook",
                    command.notify_webhooks,
                    "POST the verdict of each run to this http or https URL as JSON; of https, "
                    "SSL_CERT_FILE may name the certificates to trust")
        ->type_name("URL");
    sub->add_option(
           "--notify-command",
           command.notify_commands,
           "Run this command on each verdict, which is in its environment and on its input")
        ->type_name("COMMAND");
    sub->footer(
        "Examples:\n"
        "  faultline run scenarios/metronome/pair-crash.json\n"
        "  faultline run scenarios/redis --trials 5 --out /tmp/redis\n"
        "  faultline run --resume results/pair-crash-20260101-120000-abc123");
}

void add_proxy(CLI::App& app, ProxyCommand& command, std::function<int()>& chosen) {
    CLI::App* sub = add(app,
                        "proxy",
                        "Serve Toxiproxy's API: proxies with toxics, for any of its clients",
                        proxy,
                        command,
                        chosen);
    sub->add_option("--host", command.host, "Where the API listens")->capture_default_str();
    sub->add_option("--port", command.port, "Port of the API; 0: any")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    sub->add_option("--config", command.config, "Proxies to start with: an array as for /populate")
        ->type_name("FILE");
    sub->add_option("--seed", command.seed, "Repeats the fates and delays of another run");
    sub->add_flag("--runtime-metrics", command.runtime_metrics, "This process in GET /metrics");
    sub->add_flag("--proxy-metrics", command.proxy_metrics, "Proxies and toxics in GET /metrics");
    sub->footer(
        "Options may be written with one dash, as for toxiproxy-server: -port 8474.\n"
        "SIGINT or SIGTERM ends it; every connection is reset then.\n\n"
        "Example:\n"
        "  faultline proxy --seed 7 &\n"
        "  curl -d '{\"name\": \"redis\", \"listen\": \"127.0.0.1:26379\", \"upstream\": "
        "\"127.0.0.1:6379\"}' localhost:8474/proxies\n"
        "  curl -d '{\"type\": \"latency\", \"attributes\": {\"latency\": 100}}' "
        "localhost:8474/proxies/redis/toxics");
}

/// The words of a command line, "-port" of `proxy` written as "--port": scripts made for
/// toxiproxy-server have one dash.
std::vector<std::string> with_two_dashes(int argc, char** argv) {
    std::vector<std::string> words(argv, argv + argc);
    if (argc < 2 || words[1] != "proxy") return words;
    for (auto word = words.begin() + 2; word != words.end(); ++word) {
        const bool one_dash = word->size() > 2 && (*word)[0] == '-' && (*word)[1] >= 'a';
        if (one_dash) word->insert(0, "-");
    }
    return words;
}

}  // namespace

std::vector<std::string> format_names() {
    std::vector<std::string> names{"json", "none"};
    for (const reports::Renderer& renderer : reports::renderers())
        names.push_back(renderer.name);
    return names;
}

int dispatch(int argc, char** argv) {
    CLI::App app{about, "faultline"};
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("faultline ") + faultline_version);
    app.footer(examples);
    std::function<int()> chosen;

    RunCommand run_command;
    for (int i = 0; i < argc; ++i)
        run_command.words.emplace_back(argv[i]);
    add_run(app, run_command, chosen);

    ValidateCommand validate_command;
    CLI::App* sub = add(app,
                        "validate",
                        "Check scenarios without starting anything",
                        validate,
                        validate_command,
                        chosen);
    sub->add_option("files", validate_command.files, "Scenario files, or folders of them")
        ->required()
        ->type_name("FILE");
    sub->add_option("--set", validate_command.set, set_help)->type_name("NAME=VALUE");

    ExplainCommand explain_command;
    sub = add(app,
              "explain",
              "Say what a run would do, what its measures would mean, and what this machine can do",
              explain,
              explain_command,
              chosen);
    sub->add_option("file", explain_command.file, "Scenario file")->required()->type_name("FILE");
    sub->add_option("--set", explain_command.set, set_help)->type_name("NAME=VALUE");

    ListCommand list_command;
    sub = add(app,
              "list",
              "List fault kinds, load drivers and probes with their parameters",
              list,
              list_command,
              chosen);
    sub->add_option("what", list_command.what, "Only these")
        ->check(CLI::IsMember({"faults", "drivers", "probes"}));
    sub->add_option("name", list_command.name, "Only this one, with its parameters");

    SchemaCommand schema_command;
    sub = add(app,
              "schema",
              "Print the JSON Schema of scenario files, for editors",
              schema,
              schema_command,
              chosen);
    sub->add_flag(
        "--reference", schema_command.reference, "Print the reference in Markdown instead");

    DoctorCommand doctor_command;
    sub = add(app,
              "doctor",
              "Say what this machine allows, hence which faults work here",
              doctor,
              doctor_command,
              chosen);
    sub->add_flag("--json", doctor_command.json, "Print JSON");

    CalibrateCommand calibrate_command;
    sub = add(app,
              "calibrate",
              "Measure the instrument's own error against a target with known instants",
              calibrate,
              calibrate_command,
              chosen);
    sub->add_option("--trials", calibrate_command.trials, "Trials per condition")
        ->check(CLI::Range(5, 10'000))
        ->capture_default_str();
    sub->add_option("--seed", calibrate_command.seed, "Seed of the trials")->capture_default_str();
    sub->add_flag(
        "--idle-only", calibrate_command.idle_only, "Leave out the part with every core busy");

    RecoverCommand recover_command;
    sub = add(app,
              "recover",
              "Undo what a run left behind when its guardian was killed too",
              recover,
              recover_command,
              chosen);
    sub->add_flag("--dry-run", recover_command.dry_run, "Only list what it would do");

    ReportCommand report_command;
    sub = add(app,
              "report",
              "Render a finished run again from its result directory",
              report,
              report_command,
              chosen);
    sub->add_option("directory", report_command.directory, "Result directory")
        ->required()
        ->type_name("DIR");
    sub->add_option("--format", report_command.format, "What to print")
        ->check(CLI::IsMember(format_names()))
        ->capture_default_str();
    sub->add_option("--trial",
                    report_command.trial,
                    "For formats that show one trial: which (default: the one in the middle)")
        ->check(CLI::PositiveNumber);
    sub->add_flag("--write", report_command.write, "Also write every report file anew");

    InitCommand init_command;
    sub =
        add(app, "init", "Write a first scenario for your own server", init, init_command, chosen);
    sub->add_option("-o,--out", init_command.out, "File to write (default: <program>.json)")
        ->type_name("FILE");
    sub->add_option("command", init_command.command, "How the server is started, after --")
        ->required();
    sub->footer("Example:\n  faultline init -- redis-server --port 6379 --save ''");

    ResultCommands result_commands;
    add_result_commands(app, result_commands, chosen, run_command.words);

    ProxyCommand proxy_command;
    add_proxy(app, proxy_command, chosen);

    CompletionCommand completion_command;
    sub = add(app,
              "completion",
              "Print a completion script for a shell",
              completion,
              completion_command,
              chosen);
    sub->add_option("shell", completion_command.shell, "Which shell")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    sub->footer("Example:\n  source <(faultline completion bash)");
    completion_command.describe = [&app] { return page_of(app); };

    ManualCommand manual_command;
    sub = add(app, "manual", "Print a manual page, for man(1)", manual, manual_command, chosen);
    sub->add_option("name", manual_command.name, "Of this command (default: of the program)");
    sub->add_option("--folder", manual_command.folder, "Write all pages into this folder instead")
        ->type_name("DIR");
    sub->footer("Example:\n  faultline manual run | man -l -");
    manual_command.describe = completion_command.describe;

    try {
        // CLI11 wants them last first, and without the program's name.
        std::vector<std::string> words = with_two_dashes(argc, argv);
        app.parse(std::vector<std::string>(words.rbegin(), words.rend() - 1));
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? 0 : exit_code_of(RunOutcome::usage);
    }
    return chosen();
}

}  // namespace faultline::cli
