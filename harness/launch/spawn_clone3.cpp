// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/spawn_clone3.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace faultline {
namespace {

constexpr std::size_t stack_bytes = 64 * 1024;            // the child makes system calls only
constexpr auto pidfd_id_type = static_cast<idtype_t>(3);  // P_PIDFD

struct Birth {
    const ChildPlan* plan;
    ChildFailure* failure;
};

// The child shares our memory until exec, on a stack of its own, while this thread waits.
__attribute__((no_sanitize("address", "thread", "undefined"), noinline, used)) void be_child(
    Birth* birth) {
    const char* step = set_up_child(*birth->plan);
    if (step == nullptr) {
        ::syscall(
            SYS_execve, birth->plan->program, birth->plan->arguments, birth->plan->environment);
        step = "execve";
    }
    birth->failure->error = errno;
    birth->failure->step = step;
    for (;;)
        ::syscall(SYS_exit_group, 127);
}

// glibc has no clone3, and syscall(2) cannot be used: the child would return into our caller's
// frame. Returns the pid, or a negative errno.
__attribute__((no_sanitize("address", "thread", "undefined"), noinline)) long raw_clone3(
    clone_args* arguments, Birth* birth) {
#if defined(__x86_64__)
    register void (*child)(Birth*) asm("r12") = be_child;
    register Birth* parameter asm("r13") = birth;
    long result = SYS_clone3;
    asm volatile(
        "syscall\n"
        "test %%rax, %%rax\n"
        "jnz 1f\n"
        "xor %%ebp, %%ebp\n"
        "mov %%r13, %%rdi\n"
        "call *%%r12\n"
        "ud2\n"
        "1:\n"
        : "+a"(result)
        : "D"(arguments), "S"(sizeof *arguments), "r"(child), "r"(parameter)
        : "rcx", "r11", "memory", "cc");
    return result;
#elif defined(__aarch64__)
    register void (*child)(Birth*) asm("x19") = be_child;
    register Birth* parameter asm("x20") = birth;
    register long number asm("x8") = SYS_clone3;
    register std::uint64_t first asm("x0") = reinterpret_cast<std::uint64_t>(arguments);
    register std::uint64_t second asm("x1") = sizeof *arguments;
    asm volatile(
        "svc #0\n"
        "cbnz x0, 1f\n"
        "mov x29, xzr\n"
        "mov x0, x20\n"
        "blr x19\n"
        "brk #1\n"
        "1:\n"
        : "+r"(first)
        : "r"(second), "r"(number), "r"(child), "r"(parameter)
        : "x30", "memory", "cc");
    return static_cast<long>(first);
#else
    static_cast<void>(arguments);
    static_cast<void>(birth);
    return -ENOSYS;
#endif
}

class ChildStack {
  public:
    ChildStack()
        : base_(::mmap(nullptr,
                       stack_bytes,
                       PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK,
                       -1,
                       0)) {}
    ~ChildStack() {
        if (mapped()) ::munmap(base_, stack_bytes);
    }
    ChildStack(const ChildStack&) = delete;
    ChildStack& operator=(const ChildStack&) = delete;
    [[nodiscard]] bool mapped() const { return base_ != MAP_FAILED; }
    [[nodiscard]] std::uint64_t base() const { return reinterpret_cast<std::uint64_t>(base_); }

  private:
    void* base_;
};

// A signal handler in the child would write into the memory of the harness; glibc's own two signals
// are blocked too, hence the raw call.
long clone_with_signals_blocked(clone_args* arguments, Birth* birth) {
    const std::uint64_t all = ~std::uint64_t{0};
    std::uint64_t before = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
    const long result = raw_clone3(arguments, birth);
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr, sizeof before);
    return result;
}

}  // namespace

Result<Spawned> spawn_clone3(const ChildPlan& plan, const std::string& asked_for, int cgroup_fd) {
    const ChildStack stack;
    if (!stack.mapped()) return fail_errno("mmap for " + asked_for, errno);
    ChildFailure failure;
    Birth birth{&plan, &failure};
    int pidfd = -1;
    clone_args arguments{};
    arguments.flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
    arguments.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
    arguments.exit_signal = SIGCHLD;
    arguments.stack = stack.base();
    arguments.stack_size = stack_bytes;
    if (cgroup_fd >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = static_cast<std::uint64_t>(cgroup_fd);
    }
    const long pid = clone_with_signals_blocked(&arguments, &birth);
    if (pid < 0) {
        return tl::unexpected(child_error(plan, asked_for, "clone3", static_cast<int>(-pid)));
    }
    Spawned spawned{static_cast<pid_t>(pid), UniqueFd(pidfd)};
    if (failure.step != nullptr) {
        siginfo_t info{};
        while (::waitid(pidfd_id_type, static_cast<id_t>(pidfd), &info, WEXITED) < 0 &&
               errno == EINTR) {
        }
        return tl::unexpected(child_error(plan, asked_for, failure.step, failure.error));
    }
    return spawned;
}

bool clone3_works() {
    const ExecText text({"/"}, {});
    ChildPlan plan;
    plan.program = "/";  // a folder: exec fails, and nothing but exec
    plan.arguments = text.arguments();
    plan.environment = text.environment();
    plan.parent = ::getpid();
    const auto spawned = spawn_clone3(plan, "/", -1);
    return !spawned && spawned.error().message.starts_with("execve");
}

}  // namespace faultline
