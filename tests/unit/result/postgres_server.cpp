// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/result/postgres_server.hpp"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "harness/base/command.hpp"

namespace faultline {
namespace {

namespace fs = std::filesystem;

/// Of the newest version that is installed; empty without.
fs::path programs_folder() {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry("/usr/lib/postgresql", error), end; !error && entry != end;
         entry.increment(error)) {
        if (fs::exists(entry->path() / "bin" / "initdb")) found.push_back(entry->path() / "bin");
    }
    std::sort(found.begin(), found.end());
    return found.empty() ? fs::path() : found.back();
}

const passwd* other_user() {
    for (const char* name : {"postgres", "nobody"}) {
        if (const passwd* user = ::getpwnam(name)) return user;  // NOLINT(concurrency-mt-unsafe)
    }
    return nullptr;
}

/// `words`, as a user whom PostgreSQL accepts, and killed when the test dies.
std::vector<std::string> as_server_user(std::vector<std::string> words) {
    std::vector<std::string> all{"setpriv", "--pdeathsig", "INT"};
    if (::geteuid() == 0) {
        const passwd* user = other_user();
        FL_CHECK(user != nullptr);
        all.push_back(fmt::format("--reuid={}", user->pw_uid));
        all.push_back(fmt::format("--regid={}", user->pw_gid));
        all.emplace_back("--clear-groups");
    }
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

}  // namespace

bool PostgresServer::installed() {
    return !programs_folder().empty() && (::geteuid() != 0 || other_user() != nullptr);
}

Result<std::unique_ptr<PostgresServer>> PostgresServer::start() {
    std::unique_ptr<PostgresServer> server(new PostgresServer);
    FL_TRY_VOID(server->initialise());
    FL_TRY_VOID(server->launch());
    return server;
}

Result<> PostgresServer::initialise() {
    const fs::path folder = folder_.path();
    if (::geteuid() == 0) {
        const passwd* user = other_user();
        if (::chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0)
            return fail_errno("giving away " + folder.string(), errno);
    }
    Command command{.words = as_server_user({programs_folder() / "initdb",
                                             "--no-sync",
                                             "--auth=trust",
                                             "--encoding=UTF8",
                                             "--locale=C",
                                             "--username=faultline",
                                             "--pgdata=" + (folder / "data").string()}),
                    .folder = folder.string()};
    command.timeout = std::chrono::minutes(2);
    FL_TRY(const CommandResult result, run_command(command));
    if (result.exit_code == 0) return {};
    return fail("initdb: " + result.output + result.error_output);
}

Result<> PostgresServer::launch() {
    const std::string folder = folder_.path().string();
    auto words = as_server_user({programs_folder() / "postgres",
                                 "-D",
                                 folder + "/data",
                                 "-F",
                                 "-k",
                                 folder,
                                 "-c",
                                 "listen_addresses=",
                                 "-c",
                                 "shared_buffers=16MB",
                                 "-c",
                                 "log_min_messages=log"});
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("pipe", errno);
    log_ = UniqueFd(ends[0]);
    UniqueFd input(ends[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDERR_FILENO);
    const int error =
        ::posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return fail_errno("starting postgres", error);
    input.reset();  // or nobody would see its end
    std::string said;
    char piece[512];
    while (said.find("ready to accept connections") == std::string::npos) {
        const ssize_t size = ::read(log_.get(), piece, sizeof piece);
        if (size <= 0) return fail("postgres: " + said);
        said.append(piece, static_cast<std::size_t>(size));
    }
    return {};
}

PostgresServer::~PostgresServer() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGINT);  // it ends its sessions and itself
    ::waitpid(pid_, nullptr, 0);
}

std::string PostgresServer::url(const std::string& schema) const {
    std::string url =
        fmt::format("postgresql://faultline@/postgres?host={}", folder_.path().string());
    if (!schema.empty()) url += "&options=-csearch_path%3D" + schema;
    return url;
}

}  // namespace faultline
