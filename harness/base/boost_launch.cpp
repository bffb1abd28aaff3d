// SPDX-License-Identifier: Apache-2.0
#include "harness/base/boost_launch.hpp"

#include <cerrno>
#include <csignal>
#include <new>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/process/child.hpp>
#include <boost/process/error.hpp>
#include <boost/process/extend.hpp>

namespace faultline {
namespace {

// One page that parent and child both see. Boost carries the errno of a failed exec back, but not
// which step before it failed.
class SharedFailure {
  public:
    SharedFailure()
        : page_(::mmap(nullptr,
                       sizeof(ChildFailure),
                       PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS,
                       -1,
                       0)) {
        if (mapped()) new (page_) ChildFailure;
    }
    ~SharedFailure() {
        if (mapped()) ::munmap(page_, sizeof(ChildFailure));
    }
    SharedFailure(const SharedFailure&) = delete;
    SharedFailure& operator=(const SharedFailure&) = delete;

    [[nodiscard]] bool mapped() const { return page_ != MAP_FAILED; }
    [[nodiscard]] ChildFailure& get() const { return *static_cast<ChildFailure*>(page_); }

  private:
    void* page_;
};

// Signal handlers of the harness must not run in the forked child.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

// Boost's own redirections, environment and `limit_handles` are not used: the last closes
// redirected outputs, and without it every descriptor of the harness is inherited.
struct FollowPlan : boost::process::extend::handler {
    const ChildPlan* plan;
    ChildFailure* failure;
    pid_t* pid;

    FollowPlan(const ChildPlan& the_plan, ChildFailure& the_failure, pid_t& the_pid)
        : plan(&the_plan), failure(&the_failure), pid(&the_pid) {}

    template <class Executor>
    void on_setup(Executor& executor) const {
        executor.exe = plan->program;
        executor.cmd_line = plan->arguments;
        executor.env = const_cast<char**>(plan->environment);
    }
    template <class Executor>
    void on_exec_setup(Executor&) const {
        const char* const step = set_up_child(*plan);
        if (step == nullptr) return;
        failure->error = errno;
        failure->step = step;  // a literal is at the same place in the parent
        ::_exit(127);
    }
    template <class Executor>
    void on_error(Executor& executor, const std::error_code&) const {
        *pid = executor.pid;
    }
};

void reap(pid_t pid) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace

Result<pid_t> launch_with_boost(const ChildPlan& plan, const std::string& asked_for) {
    const SharedFailure failure;
    if (!failure.mapped()) return fail_errno("mmap for " + asked_for, errno);
    std::error_code error;
    pid_t failed_pid = -1;
    pid_t pid = -1;
    {
        const SignalsBlocked blocked;
        boost::process::child child(FollowPlan(plan, failure.get(), failed_pid), error);
        if (!error) {
            pid = child.id();
            child.detach();
        }
    }
    if (error) {
        // Boost reaps with WNOHANG, which comes too early for a child that is still exiting.
        if (failed_pid > 0) reap(failed_pid);
        return tl::unexpected(
            child_error(plan, asked_for, failed_pid > 0 ? "execve" : "fork", error.value()));
    }
    if (failure.get().step != nullptr) {
        reap(pid);
        return tl::unexpected(
            child_error(plan, asked_for, failure.get().step, failure.get().error));
    }
    return pid;
}

}  // namespace faultline
