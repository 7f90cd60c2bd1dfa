#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <malloc.h>
#include <sys/xattr.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Numbers are the same on every architecture since Linux 5.1 (the unified table); older headers lack the newest of them.
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

int gl_errno(void) { return errno; }
const char *gl_errno_name(int number) { return strerrorname_np(number); }

int gl_open(const char *path, int flags, unsigned mode) { return open(path, flags, mode); }
int gl_openat(int dir, const char *path, int flags, unsigned mode) { return openat(dir, path, flags, mode); }
int gl_fcntl(int fd, int command, long argument) { return fcntl(fd, command, argument); }
int gl_ioctl(int fd, unsigned long request, void *argument) { return ioctl(fd, request, argument); }
int gl_ioctl_int(int fd, unsigned long request, long argument) { return ioctl(fd, request, argument); }
int gl_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
    return prctl(option, a, b, c, d);
}

int gl_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}
int gl_mkdirat(int dir, const char *path, unsigned mode) { return mkdirat(dir, path, mode); }
int gl_mknodat(int dir, const char *path, unsigned mode, unsigned major, unsigned minor) {
    return mknodat(dir, path, mode, makedev(major, minor));
}
int gl_unlinkat(int dir, const char *path, int flags) { return unlinkat(dir, path, flags); }
int gl_symlinkat(const char *target, int dir, const char *path) { return symlinkat(target, dir, path); }
int gl_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    return renameat2(from_dir, from, to_dir, to, flags);
}
int gl_fsetxattr(int fd, const char *name, const void *value, size_t size) { return fsetxattr(fd, name, value, size, 0); }
long gl_fgetxattr(int fd, const char *name, void *value, size_t size) { return fgetxattr(fd, name, value, size); }
long gl_flistxattr(int fd, char *names, size_t size) { return flistxattr(fd, names, size); }
int gl_memfd_create(const char *name, unsigned flags) { return memfd_create(name, flags); }
long gl_getdents64(int fd, void *buffer, size_t size) { return syscall(SYS_getdents64, fd, buffer, size); }
int gl_close_range(unsigned first, unsigned last, unsigned flags) { return (int)syscall(SYS_close_range, first, last, flags); }
int gl_pipe2(int fds[2], int flags) { return pipe2(fds, flags); }
int gl_dup3(int from, int to, int flags) { return dup3(from, to, flags); }

long gl_filesystem_type(const char *path) {
    struct statfs s;
    return statfs(path, &s) < 0 ? -1 : (long)s.f_type;
}
int gl_fstatat(int dir, const char *path, struct gl_stat *out, int flags) {
    struct stat s;
    int result = fstatat(dir, path, &s, flags);
    memset(out, 0, sizeof *out);
    if (result == 0) {
        *out = (struct gl_stat){
            .dev = s.st_dev, .ino = s.st_ino, .mode = s.st_mode, .nlink = (uint32_t)s.st_nlink, .uid = s.st_uid,
            .gid = s.st_gid, .rdev = s.st_rdev, .size = s.st_size, .blocks = s.st_blocks, .mtime_s = s.st_mtim.tv_sec,
            .mtime_ns = s.st_mtim.tv_nsec};
    }
    return result;
}

int gl_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data) {
    return mount(source, target, type, flags, data);
}
int gl_umount2(const char *target, int flags) { return umount2(target, flags); }
int gl_pivot_root(const char *root, const char *old) { return (int)syscall(SYS_pivot_root, root, old); }
int gl_open_tree(int dir, const char *path, unsigned flags) { return (int)syscall(SYS_open_tree, dir, path, flags); }
int gl_move_mount(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    return (int)syscall(SYS_move_mount, from_dir, from, to_dir, to, flags);
}
int gl_fsopen(const char *type, unsigned flags) { return (int)syscall(SYS_fsopen, type, flags); }
int gl_fsconfig(int fd, unsigned command, const char *key, const void *value, int aux) {
    return (int)syscall(SYS_fsconfig, fd, command, key, value, aux);
}
int gl_fsmount(int fd, unsigned flags, unsigned attributes) { return (int)syscall(SYS_fsmount, fd, flags, attributes); }
int gl_mount_setattr(int dir, const char *path, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation) {
    uint64_t attributes[4] = {set, clear, propagation, 0};
    return (int)syscall(SYS_mount_setattr, dir, path, flags, attributes, sizeof attributes);
}

int gl_unshare(int flags) { return unshare(flags); }
int gl_setns(int fd, int type) { return setns(fd, type); }
long gl_clone3(uint64_t flags, int *pidfd, int cgroup_fd, uint64_t exit_signal) {
    struct clone_args args = {
        .flags = flags | (cgroup_fd >= 0 ? CLONE_INTO_CGROUP : 0), .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = exit_signal,
        .cgroup = (uint64_t)(cgroup_fd >= 0 ? cgroup_fd : 0)};
    return syscall(SYS_clone3, &args, sizeof args);
}
int gl_pidfd_open(int pid, unsigned flags) { return (int)syscall(SYS_pidfd_open, pid, flags); }
int gl_pidfd_send_signal(int pidfd, int signal) { return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0); }
int gl_getpid(void) { return (int)syscall(SYS_getpid); }
int gl_execve(const char *path, char *const argv[], char *const envp[]) { return execve(path, argv, envp); }
void gl_exit(int code) { _exit(code); }
int gl_umask(unsigned mask) { return (int)umask(mask); }
int gl_chdir(const char *path) { return chdir(path); }
long gl_getcwd(void *buffer, size_t size) { return syscall(SYS_getcwd, buffer, size); }
int gl_fchdir(int fd) { return fchdir(fd); }
long gl_read(int fd, void *bytes, size_t size) { return read(fd, bytes, size); }
long gl_write(int fd, const void *bytes, size_t size) { return write(fd, bytes, size); }
int gl_close(int fd) { return close(fd); }
int gl_fchownat(int dir, const char *path, unsigned uid, unsigned gid, int flags) { return fchownat(dir, path, uid, gid, flags); }
int gl_fchmodat(int dir, const char *path, unsigned mode) { return fchmodat(dir, path, mode, 0); }
int gl_rename(const char *from, const char *to) { return rename(from, to); }
int gl_sigwaitinfo(const int *signals, int count, int *sender, int *code) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    siginfo_t info;
    memset(&info, 0, sizeof info);
    int result = sigwaitinfo(&set, &info);
    *sender = info.si_pid;
    *code = info.si_code;
    return result;
}
int gl_sigfill_block(void) {
    sigset_t set;
    sigfillset(&set);
    return sigprocmask(SIG_SETMASK, &set, NULL);
}
void gl_utc(int64_t seconds, int out[6]) {
    struct tm fields;
    time_t time = seconds;
    gmtime_r(&time, &fields);
    out[0] = fields.tm_year + 1900;
    out[1] = fields.tm_mon + 1;
    out[2] = fields.tm_mday;
    out[3] = fields.tm_hour;
    out[4] = fields.tm_min;
    out[5] = fields.tm_sec;
}
int gl_waitid(int type, int id, struct gl_wait *out, int options) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    int result = waitid((idtype_t)type, (id_t)id, &info, WEXITED | options);
    *out = (struct gl_wait){.pid = info.si_pid, .code = info.si_code, .status = info.si_status};
    return result;
}
int gl_kill(int pid, int signal) { return kill(pid, signal); }
int gl_setsid(void) { return setsid(); }
int gl_setgroups(size_t count, const uint32_t *groups) { return (int)syscall(SYS_setgroups, count, groups); }
int gl_setresgid(uint32_t gid) { return (int)syscall(SYS_setresgid, gid, gid, gid); }
int gl_setresuid(uint32_t uid) { return (int)syscall(SYS_setresuid, uid, uid, uid); }
int gl_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)}};
    return (int)syscall(SYS_capset, &header, data);
}
int gl_seccomp_filter(const void *instructions, unsigned short count, unsigned flags) {
    struct sock_fprog program = {.len = count, .filter = (struct sock_filter *)instructions};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}
int gl_prlimit(int pid, int resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {soft, hard};
    return prlimit(pid, resource, &limit, NULL);
}
int gl_getrlimit(int resource, uint64_t *soft, uint64_t *hard) {
    struct rlimit limit = {0, 0};
    int result = getrlimit(resource, &limit);
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return result;
}
int gl_sethostname(const char *name, size_t length) { return sethostname(name, length); }
int gl_setdomainname(const char *name, size_t length) { return setdomainname(name, length); }
int gl_personality(unsigned long persona) { return personality(persona); }

int gl_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
int gl_epoll_ctl(int epoll, int operation, int fd, uint32_t events, uint64_t tag) {
    struct epoll_event event = {.events = events, .data.u64 = tag};
    return epoll_ctl(epoll, operation, fd, &event);
}
int gl_epoll_wait(int epoll, struct gl_event *out, int capacity, int timeout) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, capacity < 64 ? capacity : 64, timeout);
    for (int i = 0; i < count; i++) out[i] = (struct gl_event){events[i].events, events[i].data.u64};
    return count;
}
static sigset_t set_of(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    return set;
}
int gl_signalfd(const int *signals, int count) {
    sigset_t set = set_of(signals, count);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
int gl_sigmask_block(const int *signals, int count) {
    sigset_t set = set_of(signals, count);
    return pthread_sigmask(SIG_BLOCK, &set, NULL);
}
int gl_sigmask_clear(void) {
    sigset_t set;
    sigemptyset(&set);
    return sigprocmask(SIG_SETMASK, &set, NULL);
}
int gl_signal_default_all(void) {
    for (int i = 1; i < 65; i++) signal(i, SIG_DFL);
    return 0;
}
int gl_signal_ignore(int number) { return signal(number, SIG_IGN) == SIG_ERR ? -1 : 0; }
int gl_eventfd(unsigned initial) { return eventfd(initial, EFD_CLOEXEC | EFD_NONBLOCK); }
int gl_timerfd(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK); }
int gl_timerfd_set(int fd, int64_t milliseconds) {
    struct itimerspec spec = {.it_value = {milliseconds / 1000, (milliseconds % 1000) * 1000000}};
    return timerfd_settime(fd, 0, &spec, NULL);
}
int gl_inotify_init(void) { return inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }
int gl_inotify_add(int fd, const char *path, uint32_t mask) { return inotify_add_watch(fd, path, mask); }
static int64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
int64_t gl_clock_real_ns(void) { return clock_ns(CLOCK_REALTIME); }
int gl_sleep_ms(int milliseconds) {
    struct timespec span = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    return nanosleep(&span, NULL);
}
int64_t gl_clock_mono_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

static int unix_address(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address->sun_path, path);
    return 0;
}
int gl_unix_listen(const char *path, int type, int backlog) {
    struct sockaddr_un address;
    if (unix_address(path, &address) < 0) return -1;
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, backlog) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}
int gl_unix_connect(const char *path, int type) {
    struct sockaddr_un address;
    if (unix_address(path, &address) < 0) return -1;
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}
int gl_socketpair(int fds[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds); }
int gl_accept(int fd) { return accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }
long gl_send_fds(int socket, const void *bytes, size_t size, const int *fds, int count) {
    struct iovec part = {(void *)bytes, size};
    union {
        char bytes[CMSG_SPACE(4 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    memset(&control, 0, sizeof control);
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
        memcpy(CMSG_DATA(header), fds, (size_t)count * sizeof(int));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}
long gl_recv_fds(int socket, void *bytes, size_t size, int *fds, int *count) {
    struct iovec part = {bytes, size};
    union {
        char bytes[CMSG_SPACE(4 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    long result = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    *count = 0;
    if (result >= 0) {
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
            *count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
            memcpy(fds, CMSG_DATA(header), (size_t)*count * sizeof(int));
        }
    }
    return result;
}

int gl_openpt(void) { return posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC); }
#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif
int gl_pty_peer(int master) {
    int zero = 0;
    ioctl(master, TIOCSPTLCK, &zero);
    return ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}
int gl_set_winsize(int fd, uint16_t rows, uint16_t columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return ioctl(fd, TIOCSWINSZ, &size);
}
int gl_get_winsize(int fd, uint16_t *rows, uint16_t *columns) {
    struct winsize size = {0};
    int result = ioctl(fd, TIOCGWINSZ, &size);
    *rows = size.ws_row;
    *columns = size.ws_col;
    return result;
}
int gl_set_controlling_terminal(int fd) { return ioctl(fd, TIOCSCTTY, 0); }

static int saved_argc;
static char **saved_argv;
__attribute__((constructor)) static void save_arguments(int argc, char **argv, char **envp) {
    (void)envp;
    saved_argc = argc;
    saved_argv = argv;
}
int gl_argc(void) { return saved_argc; }
const char *gl_argv(int index) { return index < saved_argc ? saved_argv[index] : ""; }

struct job {
    void (*body)(void *);
    void *context;
};
static void *run_job(void *argument) {
    struct job *job = argument;
    job->body(job->context);
    return NULL;
}
int gl_run_on_thread(void (*body)(void *), void *context) {
    struct job job = {body, context};
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 1 << 20);
    int result = pthread_create(&thread, &attributes, run_job, &job);
    pthread_attr_destroy(&attributes);
    if (result == 0) pthread_join(thread, NULL);
    errno = result;
    return result == 0 ? 0 : -1;
}
struct named_job {
    void (*body)(void *);
    void *context;
    char name[16];
};
static void *run_named_job(void *argument) {
    struct named_job job = *(struct named_job *)argument;
    free(argument);
    pthread_setname_np(pthread_self(), job.name);
    job.body(job.context);
    return NULL;
}
int gl_start_thread(const char *name, void (*body)(void *), void *context) {
    struct named_job *job = calloc(1, sizeof *job);
    job->body = body;
    job->context = context;
    strncpy(job->name, name, sizeof job->name - 1);
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 512 << 10);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int result = pthread_create(&thread, &attributes, run_named_job, job);
    pthread_attr_destroy(&attributes);
    if (result != 0) free(job);
    errno = result;
    return result == 0 ? 0 : -1;
}
int gl_spawn(
    int *pid, const char *path, char *const argv[], char *const envp[], const int *fds, int fd_count, int new_session) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    // Two rounds, so that a descriptor that is both a source and a target is not overwritten before it was copied.
    for (int i = 0; i < fd_count; i++)
        if (fds[i] >= 0) posix_spawn_file_actions_adddup2(&actions, fds[i], 1000 + i);
    for (int i = 0; i < fd_count; i++) {
        if (fds[i] >= 0)
            posix_spawn_file_actions_adddup2(&actions, 1000 + i, i);
        else
            posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR, 0);
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, fd_count);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(
        &attributes, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (new_session ? POSIX_SPAWN_SETSID : 0)));
    int result = posix_spawn(pid, path, &actions, &attributes, argv, envp);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    errno = result;
    return result == 0 ? 0 : -1;
}
int gl_limit_malloc_arenas(int count) { return mallopt(M_ARENA_MAX, count); }
uint64_t gl_makedev(unsigned major, unsigned minor) { return makedev(major, minor); }
unsigned gl_major(uint64_t device) { return major(device); }
unsigned gl_minor(uint64_t device) { return minor(device); }

// The beginnings of union bpf_attr (linux/bpf.h) for BPF_PROG_LOAD and BPF_PROG_ATTACH; the kernel takes what is missing as zero.
int gl_attach_device_program(int cgroup_fd, const void *instructions, unsigned count) {
    struct {
        uint32_t type, count;
        uint64_t instructions, license;
        uint32_t log_level, log_size;
        uint64_t log;
        uint32_t kernel_version, flags;
    } load = {.type = 15 /* CGROUP_DEVICE */, .count = count, .instructions = (uintptr_t)instructions, .license = (uintptr_t) "Apache-2.0"};
    int program = (int)syscall(SYS_bpf, 5 /* PROG_LOAD */, &load, sizeof(load));
    if (program < 0) return -1;
    struct {
        uint32_t target, program, type, flags;
    } attach = {.target = (uint32_t)cgroup_fd, .program = (uint32_t)program, .type = 6 /* CGROUP_DEVICE */, .flags = 2 /* ALLOW_MULTI */};
    int result = (int)syscall(SYS_bpf, 8 /* PROG_ATTACH */, &attach, sizeof(attach));
    int saved = errno;
    close(program);
    errno = saved;
    return result;
}


int gl_limit_arenas(int count) { return mallopt(M_ARENA_MAX, count); }
int gl_trim_memory(void) { return malloc_trim(0); }
