// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/instance.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <set>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "harness/base/check.hpp"
#include "harness/launch/audit.hpp"
#include "harness/launch/instance_files.hpp"
#include "harness/launch/output_capture.hpp"
#include "harness/launch/pidfd.hpp"
#include "harness/launch/process_table.hpp"

namespace faultline {
namespace {

// A wide pipe lets the target write on while the loop is busy with something else.
constexpr int pipe_bytes = 1 << 20;
// Beyond the deadline of `finish_stop`: what SIGKILL needs to take effect.
constexpr Duration kill_wait_max = std::chrono::seconds(2);

struct OutputPipe {
    UniqueFd reader;  // does not block
    UniqueFd writer;  // blocks, as programs expect
};

Result<OutputPipe> make_output_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe2", errno);
    OutputPipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
    ::fcntl(pipe.reader.get(), F_SETPIPE_SZ, pipe_bytes);  // a smaller one works too
    if (::fcntl(pipe.reader.get(), F_SETFL, O_NONBLOCK) != 0) return fail_errno("fcntl", errno);
    return pipe;
}

// A session that a start of ours has made.
struct Session {
    pid_t leader = -1;
    std::uint64_t start_ticks = 0;
};

std::string setting_of(const InstancePlan& plan, const std::string& name) {
    const auto found = plan.environment.find(name);
    return found == plan.environment.end() ? "" : name + "=" + found->second;
}

}  // namespace

// Shared with the handlers that wait on the loop: a handler that is queued when the instance goes
// away finds `gone` set.
struct Instance::State : std::enable_shared_from_this<Instance::State> {
    Loop& loop;
    Guardian& guardian;
    LaunchMethod method;
    InstancePlan plan;
    InstanceObserver observer;

    std::optional<OutputFile> files[2];                    // stdout, stderr
    std::vector<std::unique_ptr<OutputCapture>> captures;  // of this start, and of earlier ones
    Process process;
    std::unique_ptr<boost::asio::posix::stream_descriptor> exit_watch;
    std::optional<Cgroup> cgroup;
    std::optional<std::uint64_t> cgroup_record;
    std::optional<std::uint64_t> process_record;
    std::vector<Session> sessions;
    std::optional<ExitStatus> last_exit;
    std::optional<std::uint64_t> memory_peak;
    Timer grace;
    int starts = 0;
    int starts_to_fail = 0;
    bool running = false;
    bool stopping = false;
    bool gone = false;
    bool files_written = false;

    State(Loop& the_loop,
          Guardian& the_guardian,
          LaunchMethod the_method,
          InstancePlan the_plan,
          InstanceObserver the_observer)
        : loop(the_loop),
          guardian(the_guardian),
          method(the_method),
          plan(std::move(the_plan)),
          observer(std::move(the_observer)) {}

    Result<> start();
    Result<> provide_folders();
    Result<> provide_cgroup();
    Result<Process> launch(std::array<OutputPipe, 2>& pipes);
    void capture(std::array<OutputPipe, 2> pipes);
    void watch_exit();
    void on_ended();

    void look_at_memory();
    void kill_all();
    void begin_stop();
    Result<> finish_stop(Instant deadline);
    [[nodiscard]] std::vector<pid_t> remaining() const;
    void reap_orphans_of(std::set<pid_t> killed, Instant deadline) const;
    Result<> remove_cgroup();
    void close_files();
    void forget(std::optional<std::uint64_t>& record);
};

Result<> Instance::State::start() {
    if (running) return fail("it is running already, as process " + std::to_string(process.pid()));
    if (starts_to_fail > 0) {
        --starts_to_fail;
        return fail("execve " + (plan.command.empty() ? "" : plan.command.front()) +
                    ": made to fail by an injected fault");
    }
    FL_TRY_VOID(provide_folders());
    FL_TRY_VOID(provide_cgroup());
    std::array<OutputPipe, 2> pipes;
    for (OutputPipe& pipe : pipes) {
        FL_TRY(pipe, make_output_pipe());
    }
    FL_TRY(process, launch(pipes));
    running = true;
    stopping = false;
    ++starts;
    sessions.push_back({process.pid(), process.start_ticks()});
    capture(std::move(pipes));
    watch_exit();
    // Only now is the pid known; until here PDEATHSIG and the mark of the run cover it.
    UndoRecord record;
    record.kind = UndoRecord::Kind::kill_process;
    record.pid = process.pid();
    record.start_ticks = process.start_ticks();
    auto number = guardian.add(record);
    if (!number) {
        kill_all();
        return tl::unexpected(number.error());
    }
    process_record = *number;
    return {};
}

Result<> Instance::State::provide_folders() {
    if (!files_written) {
        FL_TRY_VOID(make_folder(plan.folder));
        FL_TRY_VOID(make_folder(plan.output_folder));
        FL_TRY_VOID(write_instance_files(plan.folder, plan.files));
        files_written = true;
    }
    const char* const names[2] = {"stdout", "stderr"};
    for (int stream = 0; stream < 2; ++stream) {
        if (files[stream]) continue;
        FL_TRY(files[stream], OutputFile::open(plan.output_folder, names[stream]));
    }
    return {};
}

Result<> Instance::State::provide_cgroup() {
    if (!plan.cgroup || cgroup) return {};
    UndoRecord record;
    record.kind = UndoRecord::Kind::kill_cgroup;
    record.path = *plan.cgroup;
    FL_TRY(cgroup_record, guardian.add(record));
    auto created = Cgroup::create(*plan.cgroup);
    if (!created) {
        forget(cgroup_record);
        return tl::unexpected(created.error());
    }
    cgroup = std::move(*created);
    return {};
}

Result<Process> Instance::State::launch(std::array<OutputPipe, 2>& pipes) {
    SpawnRequest request;
    request.command = plan.command;
    request.environment = plan.environment;
    request.folder = plan.working_folder.empty() ? plan.folder.string() : plan.working_folder;
    request.standard_fds = {-1, pipes[0].writer.get(), pipes[1].writer.get()};
    request.network_fd = plan.network_fd;
    request.limits = plan.limits;
    if (cgroup) {
        request.cgroup_fd = cgroup->fd();
        // The cgroup counts what all members use; without that controller each process has its own
        // limit.
        if (plan.limits.memory_bytes && cgroup->set_memory_max(*plan.limits.memory_bytes)) {
            request.limits.memory_bytes.reset();
        }
    }
    return spawn(request, method);
}

void Instance::State::capture(std::array<OutputPipe, 2> pipes) {
    // Descendants of an earlier start may still write.
    std::erase_if(captures, [](const auto& earlier) { return earlier->closed(); });
    for (int stream = 0; stream < 2; ++stream) {
        auto on_line = [this, is_stderr = stream == 1](std::string_view line, Instant arrived) {
            if (observer.on_line) observer.on_line(plan.name, is_stderr, line, arrived);
        };
        auto& pipe = pipes[static_cast<std::size_t>(stream)];
        captures.push_back(std::make_unique<OutputCapture>(
            loop, std::move(pipe.reader), *files[stream], std::move(on_line), plan.secrets));
    }
}

void Instance::State::watch_exit() {
    // The watch closes the descriptor it is given, so it gets a copy.
    const int copy = ::fcntl(process.pidfd(), F_DUPFD_CLOEXEC, 3);
    FL_CHECK(copy >= 0);
    exit_watch = std::make_unique<boost::asio::posix::stream_descriptor>(loop.context(), copy);
    exit_watch->async_wait(
        boost::asio::posix::stream_descriptor::wait_read,
        [self = shared_from_this(), pid = process.pid()](boost::system::error_code error) {
            if (error || self->gone || !self->running || self->process.pid() != pid) return;
            self->on_ended();
        });
}

void Instance::State::on_ended() {
    const auto status = process.poll();
    if (!status) {  // woken for nothing
        watch_exit();
        return;
    }
    // Its last words come before its end; a descendant that keeps the pipe open is not waited for.
    const std::size_t count = captures.size();
    for (std::size_t index = count < 2 ? 0 : count - 2; index < captures.size(); ++index) {
        captures[index]->drain();
    }
    exit_watch.reset();
    grace.cancel();
    running = false;
    last_exit = *status;
    forget(process_record);
    if (observer.on_exit) observer.on_exit(plan.name, *status);
}

void Instance::State::forget(std::optional<std::uint64_t>& record) {
    // A dead guardian is noticed through `alive`; undoing twice does no harm.
    if (record) static_cast<void>(guardian.done(*record));
    record.reset();
}

void Instance::State::look_at_memory() {
    // While it runs for us it is not reaped, so the number is still its own.
    const auto peak = running ? memory_peak_of(process.pid()) : std::nullopt;
    if (peak) memory_peak = std::max(memory_peak.value_or(0), *peak);
}

void Instance::State::kill_all() {
    look_at_memory();
    if (running) static_cast<void>(process.signal(SIGKILL));  // it may have ended just now
    if (cgroup) static_cast<void>(cgroup->kill());  // `finish_stop` looks whether it worked
}

void Instance::State::begin_stop() {
    if (!running || stopping) return;
    stopping = true;
    look_at_memory();
    static_cast<void>(process.signal(plan.stop.signal));  // it may have ended just now
    grace = loop.call_at(now() + plan.stop.grace, [this] { kill_all(); });
}

// With a cgroup the kernel knows every descendant. Without, they are in a session of ours, or, if
// they made one of their own, carry our mark.
std::vector<pid_t> Instance::State::remaining() const {
    if (cgroup) return cgroup->members().value_or(std::vector<pid_t>{});
    const std::string trial = setting_of(plan, "FAULTLINE_TRIAL");
    const std::string instance = setting_of(plan, "FAULTLINE_INSTANCE");
    std::vector<pid_t> pids;
    for (const pid_t pid : all_pids()) {
        const pid_t session = ::getsid(pid);
        const bool ours = std::any_of(sessions.begin(), sessions.end(), [&](const Session& known) {
            if (known.leader != session) return false;
            const auto stat = process_stat(pid);
            return stat && stat->start_ticks >= known.start_ticks;
        });
        if (ours) {
            pids.push_back(pid);
        } else if (!trial.empty() && !instance.empty() && pid != ::getpid()) {
            const std::string environment = environment_of(pid);
            if (environment_holds(environment, trial) && environment_holds(environment, instance)) {
                pids.push_back(pid);
            }
        }
    }
    return pids;
}

// Orphans come back to us, the subreaper: those that have just been killed, and those of our
// sessions that ended long ago. Dead orphans with a session of their own are left to
// `reap_orphans`.
void Instance::State::reap_orphans_of(std::set<pid_t> killed, Instant deadline) const {
    for (const pid_t pid : children_of_self()) {
        const pid_t session = ::getsid(pid);
        const bool ours = std::any_of(sessions.begin(), sessions.end(), [&](const Session& known) {
            return known.leader == session;
        });
        if (ours) killed.insert(pid);
    }
    killed.erase(process.pid());
    for (const pid_t pid : killed) {
        const UniqueFd pidfd = open_pidfd(pid);
        if (pidfd && wait_ended(pidfd.get(), deadline)) ::waitpid(pid, nullptr, WNOHANG);
    }
}

Result<> Instance::State::remove_cgroup() {
    if (!cgroup) return {};
    FL_TRY_VOID(cgroup->remove());
    cgroup.reset();
    forget(cgroup_record);
    return {};
}

void Instance::State::close_files() {
    captures.clear();
    for (auto& file : files) {
        if (file) file->close();
        file.reset();
    }
}

Result<> Instance::State::finish_stop(Instant deadline) {
    if (stopping) loop.wait_until(deadline, [this] { return !running; });
    const Instant last = std::max(deadline, now() + kill_wait_max);
    std::set<pid_t> killed;
    const auto find = [&] {
        const auto pids = remaining();
        killed.insert(pids.begin(), pids.end());
        return pids;
    };
    if (cgroup) static_cast<void>(find());  // whom cgroup.kill is about to hit
    kill_all();
    loop.wait_until(last, [this] { return !running; });
    // An interrupted loop waits no more.
    if (running && wait_ended(process.pidfd(), last)) on_ended();
    const bool none_left = !running && kill_until_none(find, last);
    for (auto& capture : captures)
        capture->drain();
    close_files();
    reap_orphans_of(std::move(killed), last);
    if (!none_left) {
        return fail("processes of " + plan.name +
                        " survive SIGKILL: " + std::to_string(remaining().size()) + " left",
                    ErrorCode::timeout);
    }
    sessions.clear();
    return remove_cgroup();
}

Instance::Instance(Loop& loop,
                   Guardian& guardian,
                   LaunchMethod method,
                   InstancePlan plan,
                   InstanceObserver observer)
    : state_(
          std::make_shared<State>(loop, guardian, method, std::move(plan), std::move(observer))) {}

Instance::~Instance() {
    state_->observer = {};
    if (state_->running || state_->cgroup || !state_->sessions.empty()) {
        static_cast<void>(state_->finish_stop(now()));  // the audit of the trial finds what is left
    }
    state_->close_files();
    state_->grace.cancel();
    state_->exit_watch.reset();
    state_->gone = true;
}

Result<> Instance::start() {
    auto started = state_->start();
    if (!started) return in_context("starting " + name(), started.error());
    return {};
}

const InstancePlan& Instance::plan() const {
    return state_->plan;
}
bool Instance::running() const {
    return state_->running;
}
int Instance::starts() const {
    return state_->starts;
}
Process& Instance::process() {
    return state_->process;
}
const std::optional<ExitStatus>& Instance::last_exit() const {
    return state_->last_exit;
}
const Cgroup* Instance::cgroup() const {
    return state_->cgroup ? &*state_->cgroup : nullptr;
}
std::optional<std::uint64_t> Instance::memory_peak() const {
    return state_->memory_peak;
}
void Instance::look_at_memory() {
    state_->look_at_memory();
}
void Instance::fail_next_starts(int count) {
    state_->starts_to_fail = count;
}
void Instance::begin_stop() {
    state_->begin_stop();
}
Result<> Instance::finish_stop(Instant deadline) {
    return state_->finish_stop(deadline);
}

std::vector<std::string> Instance::last_lines(std::size_t count) const {
    auto lines = tail_of(state_->plan.output_folder / "stderr", count);
    const auto more =
        tail_of(state_->plan.output_folder / "stdout", count - std::min(count, lines.size()));
    lines.insert(lines.end(), more.begin(), more.end());
    return lines;
}

}  // namespace faultline
