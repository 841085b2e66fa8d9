// The thundering herd on the real kernel: N workers wait for one listener, connections arrive one at a time.
//
// Counts per connection: returns (epoll_wait, accept or poll came back to the program), kernel wake-ups (sched:sched_waking of a
// worker, from a private tracefs instance; checked against the workers' voluntary context switches), accept4's EAGAIN results,
// who accepts, in which order workers are woken and run.
//
//   workers   herdw_00 … are started one after the other, the next only when the one before sleeps in its wait: so they stand on
//             the wait queue in the order of their number. Body:
//                 for (;;) { n = epoll_wait(ep, events, 64, -1);  returns += 1;
//                            for each event { think; fd = accept4(listener, NONBLOCK|CLOEXEC); EAGAIN counted; close(fd); } }
//             accept=until_eagain repeats accept4 (and close) until EAGAIN. wait=poll: poll({listener, POLLIN}, -1) instead.
//             wait=accept: accept4 on a blocking listener, then think, then close.
//   listener  socket, SO_REUSEADDR, bind 127.0.0.1, listen(128), non-blocking (but for wait=accept). With reuseport one a worker.
//             epoll=shared: the main thread adds the listener(s) to one instance. epoll=each: each worker makes its instance and
//             adds the listener (with reuseport its own) itself, when it starts.
//   client    one thread, herdcli: for (;;) { nanosleep(every); mark; socket; connect (blocking); nanosleep(every); close; }
//             The worker closes first. Same policy and priority as the workers; its timer slack is 1 ns.
//   CPUs      cpus=1: everything on CPU 1. cpus=2: worker i on CPU i % 2, client on CPU 0 (client_cpu=). cpus=free: no pinning.
//   policy    fifo: SCHED_FIFO 50, workers and client. other: SCHED_OTHER nice 0. Think: sleep (nanosleep, timer slack 1 ns) or
//             busy (reads CLOCK_MONOTONIC until over).
//
// Usage: herd [csv=1] [key=value ...]; needs root (network and mount namespaces of its own, tracefs, SCHED_FIFO).
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { kMaxWorkers = 64, kMaxConnections = 5000, kMaxCount = 400, kText = 400 };

static struct {
  int workers, connections, csv, client_cpu;
  long every_us, think_us;
  char epoll[16], trigger[8], accept[16], wait[8], policy[8], cpus[8], think_kind[8], name[32];
  int exclusive, reuseport;
} o = {.workers = 8, .connections = 100, .every_us = 10000, .client_cpu = -1, .epoll = "shared", .trigger = "level",
       .accept = "one", .wait = "epoll", .policy = "fifo", .cpus = "1", .think_kind = "sleep", .name = "-"};

static int listeners[kMaxWorkers], shared_epoll = -1, port = 9000;
static pid_t tids[kMaxWorkers];
static atomic_int current_connection = -1;
static atomic_int returns[kMaxConnections], eagain[kMaxConnections], accepts[kMaxWorkers], sleeps, null_returns;
static int taken_by[kMaxConnections], wakeups[kMaxConnections], runs[kMaxConnections];
static char wake_text[kMaxConnections][kText], run_text[kMaxConnections][kText];
static char instance[256], tracefs[64] = "/tmp/herd.tracefs.XXXXXX";

static void stop_trace(void);
static void die(const char *what) { perror(what); if (*instance) stop_trace(); _exit(70); }
#define TRY(call) ({ long r_ = (call); if (r_ < 0) die(#call); r_; })

// ---------------------------------------------------------------- set-up

static void write_file(const char *path, const char *text) {
  int fd = TRY(open(path, O_WRONLY | O_TRUNC));
  TRY(write(fd, text, strlen(text)));
  close(fd);
}

static void trace_set(const char *file, const char *text) {
  char path[400];
  snprintf(path, sizeof path, "%s/%s", instance, file);
  write_file(path, text);
}

static void own_namespaces(void) {
  TRY(unshare(CLONE_NEWNS | CLONE_NEWNET));
  TRY(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  int s = TRY(socket(AF_INET, SOCK_DGRAM, 0));
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  TRY(ioctl(s, SIOCSIFFLAGS, &request));
  close(s);
}

static void start_trace(void) {
  if (!mkdtemp(tracefs)) die("mkdtemp");
  TRY(mount("none", tracefs, "tracefs", 0, NULL));
  snprintf(instance, sizeof instance, "%s/instances/herd_%d", tracefs, getpid());
  TRY(mkdir(instance, 0700));
  trace_set("trace_clock", "mono");
  trace_set("buffer_size_kb", "8192");
}

/// Only our workers: another herd may run on the same machine.
static void trace_workers(void) {
  char waking[4096] = "", switched[4096] = "";
  for (int i = 0; i < o.workers; ++i) {
    sprintf(waking + strlen(waking), "%spid == %d", i ? " || " : "", tids[i]);
    sprintf(switched + strlen(switched), "%snext_pid == %d", i ? " || " : "", tids[i]);
  }
  trace_set("events/sched/sched_waking/filter", waking);
  trace_set("events/sched/sched_switch/filter", switched);
  trace_set("events/sched/sched_waking/enable", "1");
  trace_set("events/sched/sched_switch/enable", "1");
}

static int marker = -1;  // an open file keeps the instance alive, and an instance left behind slows every switch of the machine

static void stop_trace(void) {
  if (marker >= 0) close(marker);
  if (rmdir(instance) < 0) perror(instance);
  umount2(tracefs, MNT_DETACH);
  rmdir(tracefs);
}

static void on_alarm(int signal) { (void)signal; stop_trace(); static const char t[] = "herd: deadline\n"; (void)!write(2, t, sizeof t - 1); _exit(4); }

static void place(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (strcmp(o.cpus, "free")) TRY(sched_setaffinity(0, sizeof set, &set));
  struct sched_param p = {.sched_priority = 50};
  if (!strcmp(o.policy, "fifo")) TRY(sched_setscheduler(0, SCHED_FIFO, &p));
  prctl(PR_SET_TIMERSLACK, 1);
}

static int make_listener(bool blocking) {
  int one = 1, s = TRY(socket(AF_INET, SOCK_STREAM | (blocking ? 0 : SOCK_NONBLOCK), 0));
  TRY(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
  if (o.reuseport) TRY(setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one));
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  TRY(bind(s, (struct sockaddr *)&a, sizeof a));
  TRY(listen(s, 128));
  return s;
}

static void watch(int ep, int listener) {
  struct epoll_event e = {.events = EPOLLIN, .data.fd = listener};
  if (!strcmp(o.trigger, "edge")) e.events |= EPOLLET;
  if (o.exclusive) e.events |= EPOLLEXCLUSIVE;
  TRY(epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e));
}

static void sleep_us(long us) {
  struct timespec t = {us / 1000000, us % 1000000 * 1000};
  nanosleep(&t, NULL);
}

// ---------------------------------------------------------------- the programs

static long long now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void think(void) {
  if (!o.think_us) return;
  if (!strcmp(o.think_kind, "sleep")) { atomic_fetch_add(&sleeps, 1); sleep_us(o.think_us); return; }
  for (long long end = now_ns() + o.think_us * 1000; now_ns() < end;) {}
}

static int connection(void) { int c = atomic_load(&current_connection); return c < 0 ? 0 : c; }

/// One accept4; true if it took a connection.
static bool take(int listener, int worker) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  int c = connection();
  if (fd < 0) { if (errno != EAGAIN) die("accept4"); atomic_fetch_add(&eagain[c], 1); return false; }
  taken_by[c] = worker;
  atomic_fetch_add(&accepts[worker], 1);
  if (!strcmp(o.wait, "accept")) { atomic_fetch_add(&returns[c], 1); think(); }
  close(fd);
  return true;
}

static void serve(int listener, int worker) {
  think();
  bool again = !strcmp(o.accept, "until_eagain");
  while (take(listener, worker) && again) {}
}

static void epoll_worker(int worker) {
  int ep = shared_epoll;
  if (ep < 0) { ep = TRY(epoll_create1(0)); watch(ep, listeners[o.reuseport ? worker : 0]); }
  for (struct epoll_event events[64];;) {
    int n = TRY(epoll_wait(ep, events, 64, -1));
    atomic_fetch_add(n ? &returns[connection()] : &null_returns, 1);
    for (int i = 0; i < n; ++i) serve(events[i].data.fd, worker);
  }
}

static void poll_worker(int worker) {
  for (struct pollfd p = {.fd = listeners[o.reuseport ? worker : 0], .events = POLLIN};;) {
    TRY(poll(&p, 1, -1));
    atomic_fetch_add(&returns[connection()], 1);
    serve(p.fd, worker);
  }
}

static void *worker_main(void *argument) {
  int worker = (int)(long)argument;
  char name[16];
  snprintf(name, sizeof name, "herdw_%02d", worker);
  prctl(PR_SET_NAME, name);
  place(!strcmp(o.cpus, "2") ? worker % 2 : 1);
  tids[worker] = syscall(SYS_gettid);
  if (!strcmp(o.wait, "epoll")) epoll_worker(worker);
  if (!strcmp(o.wait, "poll")) poll_worker(worker);
  for (;;) take(listeners[o.reuseport ? worker : 0], worker);  // wait=accept
  return NULL;
}

static void *client_main(void *unused) {
  (void)unused;
  prctl(PR_SET_NAME, "herdcli");
  place(o.client_cpu >= 0 ? o.client_cpu : !strcmp(o.cpus, "2") ? 0 : 1);
  char path[400], mark[32];
  snprintf(path, sizeof path, "%s/trace_marker", instance);
  marker = TRY(open(path, O_WRONLY));
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  for (int c = 0; c < o.connections; ++c) {
    sleep_us(o.every_us);
    TRY(write(marker, mark, snprintf(mark, sizeof mark, "connection %d\n", c)));
    atomic_store(&current_connection, c);
    int s = TRY(socket(AF_INET, SOCK_STREAM, 0));
    TRY(connect(s, (struct sockaddr *)&a, sizeof a));
    sleep_us(o.every_us);
    close(s);
  }
  return NULL;
}

// ---------------------------------------------------------------- reading the trace

static void note(char *text, const char *format, ...) {
  va_list v;
  va_start(v, format);
  size_t used = strlen(text);
  vsnprintf(text + used, kText - used, format, v);
  va_end(v);
}

/// Waker as one letter or worker number: c the client (its softirq or itself), k ksoftirqd, i another interrupt, n the worker n.
static void waker_name(const char *line, char out[16]) {
  int worker;
  char task[64] = "";
  sscanf(line, " %63s", task);
  if (sscanf(task, "herdw_%d-", &worker) == 1) snprintf(out, 16, "%d", worker);
  else snprintf(out, 16, "%s", !strncmp(task, "herdcli", 7) ? "c" : !strncmp(task, "ksoftirqd", 9) ? "k" : "o");
}

static long timer_wakeups, all_wakeups;

static void read_trace_line(const char *line) {
  static int c = -1;
  const char *p, *flags = strstr(line, "] ");
  int worker;
  char waker[16];
  if ((p = strstr(line, "tracing_mark_write: connection "))) c = atoi(p + 31);
  if (c < 0 || !flags) return;
  if ((p = strstr(line, "sched_waking: comm=herdw_"))) {
    worker = atoi(p + 25);
    ++all_wakeups;
    if (flags[4] == 'h' || flags[4] == 'H') { ++timer_wakeups; return; }  // hrtimer: the end of a think
    ++wakeups[c];
    waker_name(line, waker);
    note(wake_text[c], " %s%s>%d", waker, flags[4] == 's' ? "s" : "", worker);
  } else if ((p = strstr(line, "next_comm=herdw_"))) {
    ++runs[c];
    note(run_text[c], " %d", atoi(p + 16));
  }
}

static void read_trace(void) {
  char path[400], line[1024];
  snprintf(path, sizeof path, "%s/trace", instance);
  FILE *f = fopen(path, "r");
  if (!f) die(path);
  while (fgets(line, sizeof line, f)) read_trace_line(line);
  fclose(f);
  for (int cpu = 0; cpu < 2; ++cpu) {
    snprintf(path, sizeof path, "%s/per_cpu/cpu%d/stats", instance, cpu);
    if (!(f = fopen(path, "r"))) continue;
    long lost = 0;
    while (fgets(line, sizeof line, f))
      if (sscanf(line, "overrun: %ld", &lost) == 1 && lost) fprintf(stderr, "herd: %ld trace events lost\n", lost);
    fclose(f);
  }
}

/// Returns when the thread has told its id and sleeps, twice in a row: so it stands in its wait.
static void wait_until_asleep(volatile pid_t *tid) {
  char path[64], state = 0;
  for (int asleep = 0; asleep < 2; asleep = state == 'S' ? asleep + 1 : 0) {
    sleep_us(2000);
    if (!*tid) continue;
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", *tid);
    FILE *f = fopen(path, "r");
    if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1) die(path);
    fclose(f);
  }
}

static long voluntary_switches(void) {
  long sum = 0, n;
  char path[64], line[128];
  for (int i = 0; i < o.workers; ++i) {
    snprintf(path, sizeof path, "/proc/self/task/%d/status", tids[i]);
    FILE *f = fopen(path, "r");
    if (!f) die(path);
    while (fgets(line, sizeof line, f))
      if (sscanf(line, "voluntary_ctxt_switches: %ld", &n) == 1) sum += n;
    fclose(f);
  }
  return sum;
}

// ---------------------------------------------------------------- the result

static const char *histogram(const int *counts, char *out) {
  int bins[kMaxCount] = {0};
  for (int c = 0; c < o.connections; ++c) ++bins[counts[c] < kMaxCount ? counts[c] : kMaxCount - 1];
  *out = 0;
  for (int i = 0; i < kMaxCount; ++i)
    if (bins[i]) sprintf(out + strlen(out), "%s%d:%d", *out ? " " : "", i, bins[i]);
  return out;
}

static double mean(const int *counts) {
  long sum = 0;
  for (int c = 0; c < o.connections; ++c) sum += counts[c];
  return (double)sum / o.connections;
}

static void print_frequent(const char *title, char texts[][kText]) {
  static bool seen[kMaxConnections];
  memset(seen, 0, sizeof seen);
  int printed = 0, distinct = 0;
  for (int c = 0; c < o.connections; ++c) {
    if (seen[c]) continue;
    int n = 0;
    for (int d = c; d < o.connections; ++d)
      if (!strcmp(texts[c], texts[d])) { seen[d] = true; ++n; }
    ++distinct;
    if (printed++ < 8) printf("  %s x%d:%s\n", title, n, texts[c]);
  }
  if (distinct > 8) printf("  %s: %d further distinct\n", title, distinct - 8);
}

static void print_result(long switches) {
  char r[8192], k[8192], e[8192], takers[1024] = "", order[512] = "";
  for (int i = 0; i < o.workers; ++i) sprintf(takers + strlen(takers), "%s%d", i ? " " : "", accepts[i]);
  if (o.csv) {
    printf("%s,%s,%s,%d,%d,%s,%s,%d,%s,%s,%ld,%s,%d,%ld,%.2f,%s,%.2f,%s,%.2f,%s,%s,%ld,%ld\n", o.name, o.epoll, o.trigger,
           o.exclusive, o.reuseport, o.accept, o.wait, o.workers, o.policy, o.cpus, o.think_us, o.think_kind, o.connections,
           o.every_us, mean((int *)returns), histogram((int *)returns, r), mean(wakeups), histogram(wakeups, k),
           mean((int *)eagain), histogram((int *)eagain, e), takers, all_wakeups, switches);
    return;
  }
  printf("%s: epoll=%s trigger=%s exclusive=%d reuseport=%d accept=%s wait=%s workers=%d policy=%s cpus=%s think=%ldus %s"
         " connections=%d every=%ldus\n", o.name, o.epoll, o.trigger, o.exclusive, o.reuseport, o.accept, o.wait, o.workers,
         o.policy, o.cpus, o.think_us, o.think_kind, o.connections, o.every_us);
  printf("  returns/conn        mean %.2f  %s\n", mean((int *)returns), histogram((int *)returns, r));
  printf("  kernel wakeups/conn mean %.2f  %s\n", mean(wakeups), histogram(wakeups, k));
  printf("  EAGAIN/conn         mean %.2f  %s\n", mean((int *)eagain), histogram((int *)eagain, e));
  printf("  accepts per worker  %s\n", takers);
  printf("  check: sched_waking %ld (of these %ld by timer, %d thinks); voluntary switches %ld\n", all_wakeups, timer_wakeups,
         atomic_load(&sleeps), switches);
  for (int c = 0; c < o.connections && c < 24; ++c) sprintf(order + strlen(order), " %d", taken_by[c]);
  printf("  taken by, in order (first 24):%s\n", order);
  print_frequent("woken (waker>woken)", wake_text);
  print_frequent("ran", run_text);
}

// ---------------------------------------------------------------- the order of things

static void set(const char *argument) {
  char key[32], value[64];
  if (sscanf(argument, "%31[^=]=%63s", key, value) != 2) { fprintf(stderr, "herd: what is %s?\n", argument); exit(2); }
  struct { const char *key; void *at; int kind; } keys[] = {
      {"workers", &o.workers, 0}, {"connections", &o.connections, 0}, {"csv", &o.csv, 0}, {"client_cpu", &o.client_cpu, 0},
      {"every_us", &o.every_us, 1}, {"think_us", &o.think_us, 1}, {"epoll", o.epoll, 2}, {"trigger", o.trigger, 2},
      {"accept", o.accept, 2}, {"wait", o.wait, 2}, {"policy", o.policy, 2}, {"cpus", o.cpus, 2}, {"exclusive", &o.exclusive, 0},
      {"reuseport", &o.reuseport, 0}, {"think_kind", o.think_kind, 2}, {"name", o.name, 2}};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; ++i) {
    if (strcmp(key, keys[i].key)) continue;
    if (keys[i].kind == 0) *(int *)keys[i].at = atoi(value);
    else if (keys[i].kind == 1) *(long *)keys[i].at = atol(value);
    else strcpy(keys[i].at, value);
    return;
  }
  fprintf(stderr, "herd: no such key: %s\n", key);
  exit(2);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) set(argv[i]);
  own_namespaces();
  start_trace();
  signal(SIGALRM, on_alarm);
  alarm(60);
  bool blocking = !strcmp(o.wait, "accept");
  for (int i = 0; i < (o.reuseport ? o.workers : 1); ++i) listeners[i] = make_listener(blocking);
  if (!strcmp(o.wait, "epoll") && !strcmp(o.epoll, "shared")) {
    shared_epoll = TRY(epoll_create1(0));
    for (int i = 0; i < (o.reuseport ? o.workers : 1); ++i) watch(shared_epoll, listeners[i]);
  }
  pthread_t thread, client;
  for (long i = 0; i < o.workers; ++i) {
    pthread_create(&thread, NULL, worker_main, (void *)i);
    wait_until_asleep(&tids[i]);
  }
  trace_workers();
  long before = voluntary_switches();
  pthread_create(&client, NULL, client_main, NULL);
  pthread_join(client, NULL);
  sleep_us(2 * o.every_us);
  long switches = voluntary_switches() - before;
  trace_set("tracing_on", "0");
  read_trace();
  print_result(switches);
  fflush(stdout);
  stop_trace();
  _exit(0);
}
