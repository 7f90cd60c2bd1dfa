// What Swift cannot say: raw system calls, variadic calls, and constants that Glibc's module lacks.
// One system call a function; no decisions and no state here.
#ifndef GANTRY_CLINUX_H
#define GANTRY_CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

int gl_errno(void);
// The symbol of an errno ("EACCES"), or NULL.
const char *gl_errno_name(int number);

// Variadic calls.
int gl_open(const char *path, int flags, unsigned mode);
int gl_openat(int dir, const char *path, int flags, unsigned mode);
int gl_fcntl(int fd, int command, long argument);
int gl_ioctl(int fd, unsigned long request, void *argument);
int gl_ioctl_int(int fd, unsigned long request, long argument);
int gl_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);

// Files.
int gl_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
int gl_mkdirat(int dir, const char *path, unsigned mode);
int gl_mknodat(int dir, const char *path, unsigned mode, unsigned major, unsigned minor);
int gl_unlinkat(int dir, const char *path, int flags);
int gl_symlinkat(const char *target, int dir, const char *path);
int gl_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int gl_fsetxattr(int fd, const char *name, const void *value, size_t size);
long gl_fgetxattr(int fd, const char *name, void *value, size_t size);
long gl_flistxattr(int fd, char *names, size_t size);
int gl_memfd_create(const char *name, unsigned flags);
long gl_getdents64(int fd, void *buffer, size_t size);
int gl_close_range(unsigned first, unsigned last, unsigned flags);
int gl_pipe2(int fds[2], int flags);
int gl_dup3(int from, int to, int flags);

struct gl_stat {
    uint64_t dev;
    uint64_t ino;
    uint32_t mode;
    uint32_t nlink;
    uint32_t uid;
    uint32_t gid;
    uint64_t rdev;
    int64_t size;
    int64_t blocks;
    int64_t mtime_s;
    int64_t mtime_ns;
};
// statfs(2): the type of the filesystem that holds the path, or -1.
long gl_filesystem_type(const char *path);
int gl_fstatat(int dir, const char *path, struct gl_stat *out, int flags);

// Mounts.
int gl_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data);
int gl_umount2(const char *target, int flags);
int gl_pivot_root(const char *root, const char *old);
int gl_open_tree(int dir, const char *path, unsigned flags);
int gl_move_mount(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int gl_fsopen(const char *type, unsigned flags);
int gl_fsconfig(int fd, unsigned command, const char *key, const void *value, int aux);
int gl_fsmount(int fd, unsigned flags, unsigned attributes);
int gl_mount_setattr(int dir, const char *path, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation);

// Processes.
int gl_unshare(int flags);
int gl_setns(int fd, int type);
// Returns the child's pid in the parent and 0 in the child, with the semantics of fork. Only for processes with one thread.
long gl_clone3(uint64_t flags, int *pidfd, int cgroup_fd, uint64_t exit_signal);
int gl_pidfd_open(int pid, unsigned flags);
int gl_pidfd_send_signal(int pidfd, int signal);
int gl_getpid(void);
int gl_execve(const char *path, char *const argv[], char *const envp[]);
void gl_exit(int code);
int gl_umask(unsigned mask);
int gl_chdir(const char *path);
int gl_fchdir(int fd);
long gl_getcwd(void *buffer, size_t size);
long gl_read(int fd, void *bytes, size_t size);
long gl_write(int fd, const void *bytes, size_t size);
int gl_close(int fd);
int gl_fchownat(int dir, const char *path, unsigned uid, unsigned gid, int flags);
int gl_fchmodat(int dir, const char *path, unsigned mode);
int gl_rename(const char *from, const char *to);
// Waits for one of the signals; returns its number. *sender is the pid that sent it, *code its si_code.
int gl_sigwaitinfo(const int *signals, int count, int *sender, int *code);
int gl_sigfill_block(void);
// Seconds to calendar fields, UTC: year, month, day, hour, minute, second.
void gl_utc(int64_t seconds, int out[6]);
struct gl_wait {
    int pid;
    int code;  // CLD_EXITED, CLD_KILLED, CLD_DUMPED
    int status;
};
// waitid(P_PIDFD or P_PID or P_ALL, id, WEXITED | options). pid 0: nobody has ended.
int gl_waitid(int type, int id, struct gl_wait *out, int options);
int gl_kill(int pid, int signal);
int gl_setsid(void);
int gl_setgroups(size_t count, const uint32_t *groups);
int gl_setresgid(uint32_t gid);
int gl_setresuid(uint32_t uid);
int gl_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable);
int gl_seccomp_filter(const void *instructions, unsigned short count, unsigned flags);
int gl_prlimit(int pid, int resource, uint64_t soft, uint64_t hard);
int gl_getrlimit(int resource, uint64_t *soft, uint64_t *hard);
int gl_sethostname(const char *name, size_t length);
int gl_setdomainname(const char *name, size_t length);
int gl_personality(unsigned long persona);
// bpf(2): loads a program of type cgroup device and attaches it to the cgroup; -1 and errno when either fails.
int gl_attach_device_program(int cgroup_fd, const void *instructions, unsigned count);

// Events.
int gl_epoll_create(void);
int gl_epoll_ctl(int epoll, int operation, int fd, uint32_t events, uint64_t tag);
struct gl_event {
    uint32_t events;
    uint64_t tag;
};
int gl_epoll_wait(int epoll, struct gl_event *out, int capacity, int timeout);
int gl_signalfd(const int *signals, int count);
int gl_sigmask_block(const int *signals, int count);
int gl_sigmask_clear(void);
int gl_signal_default_all(void);
int gl_signal_ignore(int signal);
int gl_eventfd(unsigned initial);
int gl_timerfd(void);
int gl_timerfd_set(int fd, int64_t milliseconds);
int gl_inotify_init(void);
int gl_inotify_add(int fd, const char *path, uint32_t mask);
// mallopt(3), M_ARENA_MAX.
int gl_limit_arenas(int count);
// malloc_trim(3).
int gl_trim_memory(void);
int64_t gl_clock_real_ns(void);
int64_t gl_clock_mono_ns(void);
int gl_sleep_ms(int milliseconds);

// Sockets.
int gl_unix_listen(const char *path, int type, int backlog);
int gl_unix_connect(const char *path, int type);
int gl_accept(int fd);
int gl_socketpair(int fds[2]);  // SEQPACKET, close-on-exec
// Sends bytes and up to 4 descriptors; returns bytes sent.
long gl_send_fds(int socket, const void *bytes, size_t size, const int *fds, int count);
// Receives bytes and up to 4 descriptors (close-on-exec); *count holds how many came.
long gl_recv_fds(int socket, void *bytes, size_t size, int *fds, int *count);

// Terminals.
int gl_openpt(void);
int gl_pty_peer(int master);
int gl_set_winsize(int fd, uint16_t rows, uint16_t columns);
int gl_get_winsize(int fd, uint16_t *rows, uint16_t *columns);
int gl_set_controlling_terminal(int fd);

// argc and argv for Embedded Swift, which has no CommandLine.
int gl_argc(void);
const char *gl_argv(int index);

// A thread for one closure, joined before return: for calls that change the thread (setns), never the process.
int gl_run_on_thread(void (*body)(void *), void *context);
// A detached thread with a small stack; name: at most 15 bytes.
int gl_start_thread(const char *name, void (*body)(void *), void *context);
// posix_spawn with explicit descriptors: fds[i] becomes descriptor i (-1: /dev/null); everything else is close-on-exec. New session when asked.
int gl_spawn(int *pid, const char *path, char *const argv[], char *const envp[], const int *fds, int fd_count, int new_session);
int gl_limit_malloc_arenas(int count);
uint64_t gl_makedev(unsigned major, unsigned minor);
unsigned gl_major(uint64_t device);
unsigned gl_minor(uint64_t device);

enum {
    GL_AT_FDCWD = -100,
    GL_AT_SYMLINK_NOFOLLOW = 0x100,
    GL_AT_REMOVEDIR = 0x200,
    GL_AT_EMPTY_PATH = 0x1000,
    GL_AT_RECURSIVE = 0x8000,
    GL_RENAME_NOREPLACE = 1,

    GL_RESOLVE_NO_XDEV = 0x01,
    GL_RESOLVE_NO_MAGICLINKS = 0x02,
    GL_RESOLVE_NO_SYMLINKS = 0x04,
    GL_RESOLVE_BENEATH = 0x08,
    GL_RESOLVE_IN_ROOT = 0x10,

    GL_O_RDONLY = 0,
    GL_O_WRONLY = 1,
    GL_O_RDWR = 2,
    GL_O_CREAT = 0100,
    GL_O_EXCL = 0200,
    GL_O_NOCTTY = 0400,
    GL_O_TRUNC = 01000,
    GL_O_APPEND = 02000,
    GL_O_NONBLOCK = 04000,
    GL_O_DIRECTORY = 0200000,
    GL_O_NOFOLLOW = 0400000,
    GL_O_CLOEXEC = 02000000,
    GL_O_PATH = 010000000,

    GL_CLONE_NEWNS = 0x00020000,
    GL_CLONE_NEWCGROUP = 0x02000000,
    GL_CLONE_NEWUTS = 0x04000000,
    GL_CLONE_NEWIPC = 0x08000000,
    GL_CLONE_NEWUSER = 0x10000000,
    GL_CLONE_NEWPID = 0x20000000,
    GL_CLONE_NEWNET = 0x40000000,
    GL_CLONE_PARENT = 0x00008000,
    GL_CLONE_PIDFD = 0x00001000,

    GL_MS_RDONLY = 1,
    GL_MS_NOSUID = 2,
    GL_MS_NODEV = 4,
    GL_MS_NOEXEC = 8,
    GL_MS_REMOUNT = 32,
    GL_MS_NOATIME = 1024,
    GL_MS_BIND = 4096,
    GL_MS_REC = 16384,
    GL_MS_PRIVATE = 1 << 18,
    GL_MS_SLAVE = 1 << 19,
    GL_MS_SHARED = 1 << 20,
    GL_MS_RELATIME = 1 << 21,
    GL_MS_STRICTATIME = 1 << 24,
    GL_MNT_DETACH = 2,

    GL_OPEN_TREE_CLONE = 1,
    GL_OPEN_TREE_CLOEXEC = 02000000,
    GL_MOVE_MOUNT_F_EMPTY_PATH = 4,
    GL_MOVE_MOUNT_T_EMPTY_PATH = 0x40,
    GL_FSOPEN_CLOEXEC = 1,
    GL_FSMOUNT_CLOEXEC = 1,
    GL_FSCONFIG_SET_FLAG = 0,
    GL_FSCONFIG_SET_STRING = 1,
    GL_FSCONFIG_SET_FD = 5,
    GL_FSCONFIG_CMD_CREATE = 6,
    GL_MOUNT_ATTR_RDONLY = 1,
    GL_MOUNT_ATTR_NOSUID = 2,
    GL_MOUNT_ATTR_NODEV = 4,
    GL_MOUNT_ATTR_NOEXEC = 8,
    GL_MOUNT_ATTR_NOATIME = 0x10,
    GL_MOUNT_ATTR_STRICTATIME = 0x20,
    GL_MOUNT_ATTR__ATIME = 0x70,
    GL_MOUNT_ATTR_NODIRATIME = 0x80,

    GL_MFD_CLOEXEC = 1,
    GL_MFD_ALLOW_SEALING = 2,
    GL_F_ADD_SEALS = 1033,
    GL_F_SETPIPE_SZ = 1031,
    GL_F_SEAL_SEAL = 1,
    GL_F_SEAL_SHRINK = 2,
    GL_F_SEAL_GROW = 4,
    GL_F_SEAL_WRITE = 8,

    GL_PR_SET_PDEATHSIG = 1,
    GL_PR_SET_DUMPABLE = 4,
    GL_PR_SET_KEEPCAPS = 8,
    GL_PR_SET_NAME = 15,
    GL_PR_CAPBSET_READ = 23,
    GL_PR_CAPBSET_DROP = 24,
    GL_PR_SET_CHILD_SUBREAPER = 36,
    GL_PR_SET_NO_NEW_PRIVS = 38,
    GL_PR_CAP_AMBIENT = 47,
    GL_PR_CAP_AMBIENT_RAISE = 2,
    GL_PR_CAP_AMBIENT_CLEAR_ALL = 4,

    GL_P_ALL = 0,
    GL_P_PID = 1,
    GL_P_PIDFD = 3,
    GL_WNOHANG = 1,
    GL_CLD_EXITED = 1,

    GL_EPOLLIN = 1,
    GL_EPOLLOUT = 4,
    GL_EPOLLERR = 8,
    GL_EPOLLHUP = 16,
    GL_EPOLLRDHUP = 0x2000,
    GL_EPOLL_CTL_ADD = 1,
    GL_EPOLL_CTL_DEL = 2,
    GL_EPOLL_CTL_MOD = 3,

    GL_IN_CREATE = 0x100,
    GL_IN_DELETE = 0x200,
    GL_IN_MOVED_TO = 0x80,
    GL_IN_CLOSE_WRITE = 8,
    GL_IN_MODIFY = 2,
    GL_IN_ONLYDIR = 0x01000000,

    GL_SOCK_STREAM = 1,
    GL_SOCK_SEQPACKET = 5,
};

#endif
