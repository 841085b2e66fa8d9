// Small facts, one section each, as Markdown: order on wait queues, time slices, wake-up preemption, the tick, sleeps and timeouts.
// Everything on CPU 1. Slices are seen from user space: a hog reads the clock all the time; a gap over 20 us is somebody else's turn.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) { perror(what); exit(70); }
#define TRY(call) ({ long r_ = (call); if (r_ < 0) die(#call); r_; })

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void rest(long us) { struct timespec t = {us / 1000000, us % 1000000 * 1000}; nanosleep(&t, NULL); }

static void place(bool fifo, int priority) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(1, &set);
  TRY(sched_setaffinity(0, sizeof set, &set));
  struct sched_param p = {.sched_priority = fifo ? priority : 0};
  TRY(sched_setscheduler(0, fifo ? SCHED_FIFO : SCHED_OTHER, &p));
}

static int by_value(const void *a, const void *b) { long x = *(const long *)a, y = *(const long *)b; return (x > y) - (x < y); }

// ---------------------------------------------------------------- who of eight waiters is woken first

static struct { char kind[32]; int fd, fds[2], ep; uint32_t word; atomic_int n, order[64]; } w;

static void *waiter(void *argument) {
  int me = (int)(long)argument;
  char c[8];
  uint64_t value;
  struct epoll_event e;
  struct pollfd p = {w.fd, POLLIN, 0};
  place(true, 50);
  if (!strncmp(w.kind, "eventfd", 7)) TRY(read(w.fd, &value, 8));
  if (!strncmp(w.kind, "pipe", 4)) TRY(read(w.fds[0], c, 1));
  if (!strncmp(w.kind, "poll", 4)) TRY(poll(&p, 1, -1));
  if (!strncmp(w.kind, "futex", 5)) syscall(SYS_futex, &w.word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
  if (!strncmp(w.kind, "epoll", 5)) TRY(epoll_wait(w.ep, &e, 1, -1));
  w.order[atomic_fetch_add(&w.n, 1)] = me;
  return NULL;
}

static void wake_order(const char *kind) {
  snprintf(w.kind, sizeof w.kind, "%s", kind);
  uint64_t one = 1, eight = 8;
  pthread_t threads[8];
  w.fd = TRY(eventfd(0, strstr(kind, "eventfd read") ? EFD_SEMAPHORE : 0));
  TRY(pipe(w.fds));
  w.ep = TRY(epoll_create1(0));
  w.n = 0;
  struct epoll_event e = {.events = EPOLLIN | (strstr(kind, "edge") ? EPOLLET : 0)};
  TRY(epoll_ctl(w.ep, EPOLL_CTL_ADD, w.fd, &e));
  for (long i = 0; i < 8; ++i) { pthread_create(&threads[i], NULL, waiter, (void *)i); rest(5000); }
  bool one_write = strstr(kind, "one write of 8"), at_once = strstr(kind, "at once");
  if (!strncmp(kind, "futex", 5) && at_once) syscall(SYS_futex, &w.word, FUTEX_WAKE_PRIVATE, 8, NULL, NULL, 0);
  else for (int i = 0; i < (one_write ? 1 : 8); ++i) {
    if (!strncmp(kind, "futex", 5)) syscall(SYS_futex, &w.word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    else if (!strncmp(kind, "pipe", 4)) TRY(write(w.fds[1], "x", 1));
    else TRY(write(w.fd, one_write ? &eight : &one, 8));
    if (!at_once) rest(2000);
  }
  rest(20000);
  printf("| %s |", kind);
  int n = w.n;
  for (int i = 0; i < n; ++i) printf(" %d", w.order[i]);
  printf("%s |\n", n < 8 ? " (the others still wait)" : "");
  for (int i = 0; i < 8 - n; ++i) {
    syscall(SYS_futex, &w.word, FUTEX_WAKE_PRIVATE, 8, NULL, NULL, 0);
    TRY(write(w.fd, &one, 8)), TRY(write(w.fds[1], "x", 1));
    rest(2000);
  }
  for (int i = 0; i < 8; ++i) pthread_join(threads[i], NULL);
  close(w.fd), close(w.fds[0]), close(w.fds[1]), close(w.ep);
}

// ---------------------------------------------------------------- slices and preemption

enum { kTurns = 4000 };
static struct { long begin[kTurns], end[kTurns]; int n; } hogs[8];
static atomic_int stop;

static void *hog(void *argument) {
  int me = (int)(long)argument, n = 0;
  place(false, 0);
  long last = now();
  for (hogs[me].begin[0] = last; !stop && n < kTurns - 1;) {
    long t = now();
    if (t - last > 20000) { hogs[me].end[n++] = last; hogs[me].begin[n] = t; }
    last = t;
  }
  hogs[me].end[n++] = last;
  hogs[me].n = n;
  return NULL;
}

static void print_histogram_ms(const char *title, long *ns, int n) {
  static const double edges[] = {0.05, 0.2, 0.5, 0.9, 1.1, 1.9, 2.1, 2.9, 3.1, 3.9, 4.1, 7.9, 8.1, 11.9, 12.1, 1e9};
  int bins[16] = {0};
  qsort(ns, n, sizeof *ns, by_value);
  for (int i = 0; i < n; ++i)
    for (int b = 0; b < 16; ++b) if (ns[i] < edges[b] * 1e6) { ++bins[b]; break; }
  printf("- %s: n %d", title, n);
  if (n) printf(", min %.3f, q1 %.3f, median %.3f, q3 %.3f, max %.3f ms; below(ms):count", ns[0] / 1e6, ns[n / 4] / 1e6, ns[n / 2] / 1e6, ns[n * 3 / 4] / 1e6, ns[n - 1] / 1e6);
  for (int b = 0; n && b < 16; ++b) if (bins[b]) printf(" %g:%d", edges[b] > 1e8 ? 9999 : edges[b], bins[b]);
  printf("\n");
}

/// An interrupt (or the hypervisor) inside a turn does not end it: a short gap in which no other hog ran.
static void join_interrupted(int n) {
  for (int a = 0; a < n; ++a) {
    int kept = 0;
    for (int i = 1; i < hogs[a].n; ++i) {
      bool other = hogs[a].begin[i] - hogs[a].end[kept] > 150000;
      for (int b = 0; b < n && !other; ++b)
        for (int k = 0; b != a && k < hogs[b].n; ++k) other |= hogs[b].begin[k] > hogs[a].end[kept] && hogs[b].begin[k] < hogs[a].begin[i];
      if (other) hogs[a].begin[++kept] = hogs[a].begin[i];
      hogs[a].end[kept] = hogs[a].end[i];
    }
    hogs[a].n = kept + 1;
  }
}

/// A turn counts where another hog ran within 100 us before and after: so nobody else cut it short.
static void slices(int n) {
  static long turns[8 * kTurns];
  pthread_t threads[8];
  int count = 0;
  char title[128];
  stop = 0;
  for (long i = 0; i < n; ++i) pthread_create(&threads[i], NULL, hog, (void *)i);
  rest(2000000);
  rest(1000000);
  stop = 1;
  for (int i = 0; i < n; ++i) pthread_join(threads[i], NULL);
  join_interrupted(n);
  for (int a = 0; a < n; ++a)
    for (int i = 1; i < hogs[a].n - 1; ++i)
      for (int b = 0; b < n; ++b) {
        if (a == b) continue;
        bool follows = false, before = false;
        for (int k = 0; k < hogs[b].n; ++k) {
          follows |= labs(hogs[b].begin[k] - hogs[a].end[i]) < 100000;
          before |= labs(hogs[a].begin[i] - hogs[b].end[k]) < 100000;
        }
        if (follows && before) turns[count++] = hogs[a].end[i] - hogs[a].begin[i];
      }
  snprintf(title, sizeof title, "%d hogs, SCHED_OTHER, one CPU: turn of one until another takes over", n);
  print_histogram_ms(title, turns, count);
}

static long ticks_of_cpu1(void) {
  char line[512];
  long a = 0, b = 0;
  FILE *f = fopen("/proc/interrupts", "r");
  while (f && fgets(line, sizeof line, f)) if (sscanf(line, " LOC: %ld %ld", &a, &b) == 2) break;
  if (f) fclose(f);
  return b;
}

static void preemption(bool with_hog, bool fifo) {
  static long late[400];
  pthread_t thread;
  stop = 0;
  if (with_hog) pthread_create(&thread, NULL, hog, (void *)0L);
  place(fifo, 50);
  prctl(PR_SET_TIMERSLACK, 1);
  rest(50000);
  for (int i = 0; i < 400; ++i) { long t = now(); rest(3000); late[i] = now() - t - 3000000; }
  stop = 1;
  char title[160];
  snprintf(title, sizeof title, "nanosleep(3 ms), slack 1 ns, %s, %s: later than asked", fifo ? "SCHED_FIFO" : "SCHED_OTHER", with_hog ? "a SCHED_OTHER hog on the CPU" : "no hog of ours");
  print_histogram_ms(title, late, 400);
  place(false, 0);
  if (with_hog) pthread_join(thread, NULL);
}

// ---------------------------------------------------------------- sleeps and timeouts

static void measure_sleep(const char *what, bool fifo, long slack_ns) {
  static long took[600];
  int ep = TRY(epoll_create1(0)), s[2], n = strstr(what, "10 ms") || strstr(what, "20 ms") ? 60 : 300;
  struct epoll_event e;
  struct timeval tv = {0, strstr(what, "20 ms") ? 20000 : 10000};
  char c;
  TRY(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
  TRY(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
  place(fifo, 50);
  prctl(PR_SET_TIMERSLACK, slack_ns);
  for (int i = 0; i < n; ++i) {
    long t = now();
    if (!strcmp(what, "nanosleep 100 us")) rest(100);
    else if (!strcmp(what, "nanosleep 1 us")) rest(1);
    else if (!strcmp(what, "epoll_wait 1 ms")) epoll_wait(ep, &e, 1, 1);
    else if (!strcmp(what, "epoll_wait 10 ms")) epoll_wait(ep, &e, 1, 10);
    else if (!strcmp(what, "poll 1 ms")) poll(NULL, 0, 1);
    else if (!strcmp(what, "poll 10 ms")) poll(NULL, 0, 10);
    else if (read(s[0], &c, 1) > 0) die("read");
    took[i] = now() - t;
  }
  place(false, 0);
  qsort(took, n, sizeof *took, by_value);
  printf("| %s | %s | %ld | %.1f | %.1f | %.1f | %.1f | %.1f |\n", what, fifo ? "fifo" : "other", slack_ns, took[0] / 1e3, took[n / 4] / 1e3, took[n / 2] / 1e3, took[n * 3 / 4] / 1e3, took[n - 1] / 1e3);
  close(ep), close(s[0]), close(s[1]);
}

static void print_file(const char *directory, const char *name) {
  char path[200], text[2000] = "";
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *f = fopen(path, "r");
  if (!f) return;
  size_t n = fread(text, 1, sizeof text - 1, f);
  text[n] = 0;
  fclose(f);
  printf("- %s: %s%s", name, text, strchr(text, '\n') ? "" : "\n");
}

/// A session of its own, and so a scheduling group (autogroup), so heavy that compilers beside it hardly count.
static void own_group(void) {
  int status;
  pid_t child = TRY(fork());
  if (child) { waitpid(child, &status, 0); exit(WEXITSTATUS(status)); }
  TRY(setsid());
  int fd = open("/proc/self/autogroup", O_WRONLY);
  if (fd >= 0 && write(fd, "-20", 3) != 3) perror("autogroup");
  if (fd >= 0) close(fd);
}

int main(void) {
  alarm(100);
  own_group();
  alarm(90);
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("## Order on wait queues\n\nEight threads (0 to 7) begin to wait in the order of their number, one CPU, SCHED_FIFO; then eight are woken one by one, 2 ms apart.\n\n| wait | order in which they come back |\n|---|---|\n");
  const char *kinds[] = {"eventfd read (semaphore), one write each", "eventfd read (semaphore), one write of 8 at once", "eventfd read (semaphore), eight writes at once", "pipe read, one byte each",
                         "pipe read, eight bytes at once", "poll of one eventfd, one write", "epoll shared, edge, one write each", "epoll shared, edge, eight writes at once",
                         "epoll shared, level, nobody reads, one write of 8", "futex, one wake each", "futex, all at once"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; ++i) wake_order(kinds[i]);
  printf("\n## Scheduler\n\n");
  TRY(unshare(CLONE_NEWNS));
  TRY(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  char directory[] = "/tmp/facts.debugfs.XXXXXX";
  if (mkdtemp(directory) && !mount("none", directory, "debugfs", 0, NULL)) {
    print_file(directory, "sched/base_slice_ns");
    print_file(directory, "sched/tunable_scaling");
    print_file(directory, "sched/preempt");
    print_file(directory, "sched/features");
    umount2(directory, MNT_DETACH);
  }
  rmdir(directory);
  print_file("/proc/sys/kernel", "sched_autogroup_enabled");
  long ticks = ticks_of_cpu1(), t = now();
  slices(2);
  printf("- local timer interrupts on CPU 1 while it is busy: %.1f a second (the tick, and what hrtimers there were)\n", (ticks_of_cpu1() - ticks) / ((now() - t) / 1e9));
  slices(3);
  slices(4);
  preemption(false, false);
  preemption(true, false);
  preemption(false, true);
  preemption(true, true);
  printf("\n## Sleeps and timeouts (microseconds from call to return)\n\n| call | policy | timer slack ns | min | q1 | median | q3 | max |\n|---|---|---|---|---|---|---|---|\n");
  const char *sleeps[] = {"nanosleep 1 us", "nanosleep 100 us", "epoll_wait 1 ms", "epoll_wait 10 ms", "poll 1 ms", "poll 10 ms", "read SO_RCVTIMEO 10 ms", "read SO_RCVTIMEO 20 ms"};
  for (size_t i = 0; i < sizeof sleeps / sizeof *sleeps; ++i) {
    measure_sleep(sleeps[i], true, 50000);
    measure_sleep(sleeps[i], false, 50000);
    measure_sleep(sleeps[i], false, 1);
  }
  return 0;
}
