// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/inject/child_victim.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sstream>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

constexpr Duration patience = std::chrono::seconds(10);
constexpr Duration look_period = std::chrono::milliseconds(1);

std::string describe(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) return "exit code " + std::to_string(info.si_status);
    return "signal " + std::to_string(info.si_status) + " (" + ::sigabbrev_np(info.si_status) + ")";
}

/// The folder of the cgroup v2 this process is in.
std::filesystem::path own_cgroup() {
    std::string mount;
    std::ifstream mounts("/proc/self/mounts");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream words(line);
        std::string device, path, type;
        words >> device >> path >> type;
        if (type == "cgroup2") mount = path;
    }
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        if (!mount.empty() && line.starts_with("0::")) return mount + line.substr(3);
    }
    return {};
}

}  // namespace

ChildVictim::ChildVictim(std::string name,
                         std::vector<std::string> arguments,
                         std::optional<std::filesystem::path> cgroup,
                         std::optional<std::filesystem::path> failpoint_control)
    : name_(std::move(name)),
      arguments_(std::move(arguments)),
      cgroup_(std::move(cgroup)),
      control_(std::move(failpoint_control)) {
    FL_CHECK(start().has_value());
}

ChildVictim::~ChildVictim() {
    kill_and_wait();
}

void ChildVictim::kill_and_wait() {
    ::syscall(SYS_pidfd_send_signal, pidfd(), SIGKILL, nullptr, 0U);
    for (const Instant deadline = now() + patience; !ended() && now() < deadline;) {
        std::this_thread::sleep_for(look_period);
    }
}

pid_t ChildVictim::pid() const {
    const std::scoped_lock lock(mutex_);
    return look() ? -1 : pid_;
}

std::uint64_t ChildVictim::start_ticks() const {
    const auto stat = read_file("/proc/" + std::to_string(pid()) + "/stat");
    if (!stat) return 0;
    std::istringstream fields(stat->substr(stat->rfind(')') + 2));
    std::string field;
    for (int number = 3; number <= 22; ++number)
        fields >> field;
    return std::stoull(field);
}

int ChildVictim::pidfd() const {
    const std::scoped_lock lock(mutex_);
    return pidfd_.get();
}

std::optional<Victim::Ended> ChildVictim::ended() const {
    const std::scoped_lock lock(mutex_);
    return look();
}

std::optional<Victim::Ended> ChildVictim::look() const {
    if (ended_ || !pidfd_) return ended_;
    siginfo_t info{};
    const auto id = static_cast<id_t>(pidfd_.get());
    if (::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0) {
        ended_ = Ended{.seen = now(), .how = describe(info)};
    }
    return ended_;
}

int ChildVictim::starts() const {
    const std::scoped_lock lock(mutex_);
    return starts_;
}

Result<> ChildVictim::start() {
    const std::scoped_lock lock(mutex_);
    FL_CHECK(!pidfd_ || look());
    if (fail_next_ > 0) {
        --fail_next_;
        ++failed_;
        return fail(name_ + ": made to fail");
    }
    int said[2] = {-1, -1};
    if (::pipe2(said, O_CLOEXEC) != 0) return fail_errno("pipe", errno);
    const UniqueFd reader(said[0]);
    UniqueFd writer(said[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, writer.get(), STDOUT_FILENO);
    std::string program = INJECT_SUBJECT;
    std::vector<char*> words{program.data()};
    for (std::string& argument : arguments_)
        words.push_back(argument.data());
    words.push_back(nullptr);
    std::vector<char*> environment;
    for (char** setting = environ; *setting != nullptr; ++setting)
        environment.push_back(*setting);
    std::string control = "FAULTLINE_FAILPOINT_CONTROL=" + control_.value_or("").string();
    if (control_) environment.push_back(control.data());
    environment.push_back(nullptr);
    pid_t child = -1;
    const int error =
        ::posix_spawn(&child, program.c_str(), &actions, nullptr, words.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return fail_errno(program, error);
    if (cgroup_) {
        // A folder that only looks like a cgroup is some tests' stand-in.
        static_cast<void>(write_control(*cgroup_ / "cgroup.procs", std::to_string(child)));
    }
    writer.reset();
    char first = 0;
    if (::read(reader.get(), &first, 1) != 1) return fail(program + " ended before it was ready");
    pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, child, 0U)));
    pid_ = child;
    ended_.reset();
    ready_ = now();
    ++starts_;
    return {};
}

std::optional<Instant> ChildVictim::ready_since() const {
    const std::scoped_lock lock(mutex_);
    return look() ? std::nullopt : ready_;
}

void ChildVictim::fail_next_starts(int count) {
    const std::scoped_lock lock(mutex_);
    fail_next_ = count;
}

int ChildVictim::failed_starts() const {
    const std::scoped_lock lock(mutex_);
    return failed_;
}

TestCgroup::TestCgroup() {
    const std::filesystem::path parent = own_cgroup();
    if (parent.empty()) return;
    static int count = 0;
    const auto path =
        parent / ("faultline-unit-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    if (::mkdir(path.c_str(), 0755) != 0) return;
    if (std::filesystem::exists(path / "cgroup.freeze")) {
        path_ = path;
    } else {
        ::rmdir(path.c_str());
    }
}

TestCgroup::~TestCgroup() {
    if (!path_) return;
    static_cast<void>(write_control(*path_ / "cgroup.freeze", "0"));
    // Its last member may still be on its way out.
    for (const Instant deadline = now() + patience;
         ::rmdir(path_->c_str()) != 0 && errno == EBUSY && now() < deadline;) {
        std::this_thread::sleep_for(look_period);
    }
}

bool TestCgroup::frozen() const {
    const auto events = read_file(*path_ / "cgroup.events");
    return events && events->find("frozen 1") != std::string::npos;
}

FaultSpec fault_spec(const std::string& kind,
                     const std::map<std::string, ParameterValue>& parameters) {
    FaultSpec spec{.id = "fault-1", .kind = kind};
    for (const auto& [name, value] : parameters)
        spec.parameters.set(name, value);
    return spec;
}

Result<std::unique_ptr<Fault>> make_test_fault(const FaultSpec& spec,
                                               std::vector<Victim*> victims) {
    return make_fault({spec, std::move(victims), Random(1)});
}

Proof prove_until_confirmed(Fault& fault, Instant applied) {
    const Instant deadline = now() + fault.prove_within();
    for (;;) {
        Proof proof = fault.prove(applied);
        if (proof.effect == Effect::confirmed || now() >= deadline) return proof;
        std::this_thread::sleep_for(look_period);
    }
}

Duration cpu_time(pid_t pid) {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return {};
    return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
}

bool runs_on(pid_t pid) {
    const Duration before = cpu_time(pid);
    for (const Instant deadline = now() + patience; now() < deadline;) {
        if (cpu_time(pid) > before) return true;
        std::this_thread::sleep_for(look_period);
    }
    return false;
}

std::string thread_states(pid_t pid) {
    std::string states;
    std::error_code error;
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", error)) {
        const auto stat = read_file(task.path() / "stat");
        if (stat) states += (*stat)[stat->rfind(')') + 2];
    }
    return states;
}

}  // namespace faultline
