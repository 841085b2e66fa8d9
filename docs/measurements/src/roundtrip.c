// What a round trip, a connection and a wake-up cost on the real kernel, over loopback. Prints CSV: what,parameters,n,min,q1,median,q3,p99 (ns).
//
//   request    client: write(all), read until the answer is whole. Server: [epoll_wait], read (buffer of 256 KiB) until the request is
//              whole, write(all). Both SCHED_FIFO 50 and blocking. cpus=1: both on CPU 1. cpus=2: client on CPU 0, server on CPU 1.
//              process: the ends are two processes; thread: two threads of one. Reads: how often a read returned, a round.
//   connection one thread on CPU 1 does everything: socket, connect (the handshake runs inside), accept4, close, close.
//   accept     a server blocked in accept4 on CPU 1: from before connect() until accept4 returned.
//   ready      epoll_wait(0) with k of n TCP sockets ready, level-triggered, maxevents 256.
//   eventfd    from before write(eventfd) until a thread blocked in epoll_wait returned.
// Every measurement is repeated kRepeats times; printed are the least minimum and, of the rest, the median of the repeats.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kRepeats = 5, kMaxSamples = 4000, kBuffer = 256 * 1024, kPort = 9100 };

typedef struct { long min, q1, median, q3, p99; int n; } Summary;
static char buffer[kBuffer];  // each process has its own; two threads only write zeros here
static struct { atomic_long server_reads, server_waits, at; atomic_int go, stop, done; } *shared;

static void die(const char *what) { perror(what); exit(70); }
#define TRY(call) ({ long r_ = (call); if (r_ < 0) die(#call); r_; })

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void pause_ms(long ms) { struct timespec t = {0, ms * 1000000}; nanosleep(&t, NULL); }

static int by_value(const void *a, const void *b) { long x = *(const long *)a, y = *(const long *)b; return (x > y) - (x < y); }

static Summary summarize(long *samples, int n) {
  qsort(samples, n, sizeof *samples, by_value);
  return (Summary){samples[0], samples[n / 4], samples[n / 2], samples[n * 3 / 4], samples[n * 99 / 100], n};
}

static void print_summaries(const char *what, const char *parameters, Summary *s) {
  long columns[5][kRepeats];
  for (int i = 0; i < kRepeats; ++i) {
    long v[5] = {s[i].min, s[i].q1, s[i].median, s[i].q3, s[i].p99};
    for (int c = 0; c < 5; ++c) columns[c][i] = v[c];
  }
  for (int c = 0; c < 5; ++c) qsort(columns[c], kRepeats, sizeof(long), by_value);
  int m = kRepeats / 2;
  printf("%s,%s,%d,%ld,%ld,%ld,%ld,%ld\n", what, parameters, s[0].n * kRepeats, columns[0][0], columns[1][m], columns[2][m],
         columns[3][m], columns[4][m]);
  fflush(stdout);
}

static void place(int cpu, bool fifo) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  TRY(sched_setaffinity(0, sizeof set, &set));
  struct sched_param p = {.sched_priority = fifo ? 50 : 0};
  TRY(sched_setscheduler(0, fifo ? SCHED_FIFO : SCHED_OTHER, &p));
  prctl(PR_SET_TIMERSLACK, 1);
}

static struct sockaddr_in address(void) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(kPort), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int make_listener(void) {
  int one = 1, s = TRY(socket(AF_INET, SOCK_STREAM, 0));
  TRY(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
  struct sockaddr_in a = address();
  TRY(bind(s, (struct sockaddr *)&a, sizeof a));
  TRY(listen(s, 1024));
  return s;
}

static void connect_pair(int listener, const char *congestion, int nodelay, int pair[2]) {
  struct sockaddr_in a = address();
  pair[0] = TRY(socket(AF_INET, SOCK_STREAM, 0));
  TRY(setsockopt(pair[0], IPPROTO_TCP, TCP_CONGESTION, congestion, strlen(congestion)));
  TRY(connect(pair[0], (struct sockaddr *)&a, sizeof a));
  pair[1] = TRY(accept4(listener, NULL, NULL, 0));
  TRY(setsockopt(pair[1], IPPROTO_TCP, TCP_CONGESTION, congestion, strlen(congestion)));
  for (int i = 0; i < 2; ++i) TRY(setsockopt(pair[i], IPPROTO_TCP, TCP_NODELAY, &nodelay, sizeof nodelay));
}

// ---------------------------------------------------------------- request and answer

typedef struct { int request, answer, cpus, epoll, process, nodelay, fifo; const char *congestion; } Trip;
typedef struct { const Trip *trip; int fd; } Server;

static void serve(const Trip *trip, int fd) {
  place(1, trip->fifo);
  struct epoll_event event = {.events = EPOLLIN};
  int ep = TRY(epoll_create1(0));
  TRY(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event));
  for (;;) {
    for (int got = 0; got < trip->request;) {
      if (trip->epoll) { TRY(epoll_wait(ep, &event, 1, -1)); atomic_fetch_add(&shared->server_waits, 1); }
      long n = read(fd, buffer, kBuffer);
      if (n <= 0) { close(ep); return; }
      atomic_fetch_add(&shared->server_reads, 1);
      got += n;
    }
    if (write(fd, buffer, trip->answer) != trip->answer) return;
  }
}

static void *serve_thread(void *argument) { Server *s = argument; serve(s->trip, s->fd); return NULL; }

static int measure_rounds(const Trip *trip, int fd, long *samples, double *client_reads) {
  long reads = 0, begin = now();
  int n = -200;  // warm up
  for (; n < 2000 && now() - begin < 1000000000L; ++n) {
    if (n == 0) { reads = 0; atomic_store(&shared->server_reads, 0); atomic_store(&shared->server_waits, 0); }
    long start = now();
    if (write(fd, buffer, trip->request) != trip->request) die("write");
    for (int got = 0; got < trip->answer; ++reads) got += TRY(read(fd, buffer, kBuffer));
    if (n >= 0) samples[n] = now() - start;
  }
  *client_reads = (double)reads / n;
  return n;
}

static void request(Trip trip) {
  Summary s[kRepeats];
  double server_reads = 0, server_waits = 0, client_reads = 0;
  for (int i = 0; i < kRepeats; ++i) {
    static long samples[kMaxSamples];
    int pair[2], listener = make_listener();
    connect_pair(listener, trip.congestion, trip.nodelay, pair);
    close(listener);
    pthread_t thread;
    pid_t child = 0;
    Server server = {&trip, pair[1]};
    if (!trip.process) pthread_create(&thread, NULL, serve_thread, &server);
    else if (!(child = fork())) { alarm(20); close(pair[0]); serve(&trip, pair[1]); _exit(0); }
    else close(pair[1]);
    place(trip.cpus == 1 ? 1 : 0, trip.fifo);
    pause_ms(5);
    int n = measure_rounds(&trip, pair[0], samples, &client_reads);
    if (n < 10) { fprintf(stderr, "only %d rounds\n", n); exit(70); }
    s[i] = summarize(samples, n);
    server_reads = (double)shared->server_reads / n, server_waits = (double)shared->server_waits / n;
    shutdown(pair[0], SHUT_WR);
    if (child) waitpid(child, NULL, 0); else { pthread_join(thread, NULL); close(pair[1]); }
    close(pair[0]);
    pause_ms(20);
  }
  char parameters[200];
  snprintf(parameters, sizeof parameters, "request=%d answer=%d cpus=%d server=%s ends=%s nodelay=%d policy=%s cc=%s server_reads=%.2f server_waits=%.2f client_reads=%.2f",
           trip.request, trip.answer, trip.cpus, trip.epoll ? "epoll" : "blocking", trip.process ? "process" : "thread", trip.nodelay,
           trip.fifo ? "fifo" : "other", trip.congestion, server_reads, server_waits, client_reads);
  print_summaries("request", parameters, s);
}

static void requests(void) {
  static const int sizes[][2] = {{16, 16}, {4096, 16}, {4096, 4096}, {65536, 16}, {65536, 65536}, {1024, 1024}, {16384, 16384}, {16384, 16}};
  for (int i = 0; i < 8; ++i)
    for (int cpus = 1; cpus <= 2; ++cpus)
      for (int epoll = 0; epoll <= 1; ++epoll)
        for (int process = 1; process >= 0; --process)
          request((Trip){sizes[i][0], sizes[i][1], cpus, epoll, process, 0, 1, "cubic"});
  for (int i = 0; i < 5; ++i)
    for (int cpus = 1; cpus <= 2; ++cpus) {
      request((Trip){sizes[i][0], sizes[i][1], cpus, 1, 1, 1, 1, "cubic"});
      request((Trip){sizes[i][0], sizes[i][1], cpus, 1, 1, 0, 1, "bbr"});
      request((Trip){sizes[i][0], sizes[i][1], cpus, 1, 1, 0, 0, "cubic"});
    }
}

// ---------------------------------------------------------------- connections

static void connections(bool client_first) {
  static long samples[6][kMaxSamples];
  Summary s[6][kRepeats];
  int listener = make_listener(), n = 1000;
  struct sockaddr_in a = address();
  place(1, true);
  for (int r = 0; r < kRepeats; ++r) {
    for (int i = 0; i < n; ++i) {
      long t[6] = {now()};
      int c = socket(AF_INET, SOCK_STREAM, 0);
      t[1] = now();
      TRY(connect(c, (struct sockaddr *)&a, sizeof a));
      t[2] = now();
      int e = TRY(accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
      t[3] = now();
      close(client_first ? c : e);
      t[4] = now();
      close(client_first ? e : c);
      t[5] = now();
      for (int k = 0; k < 5; ++k) samples[k][i] = t[k + 1] - t[k];
      samples[5][i] = t[5] - t[0];
    }
    for (int k = 0; k < 6; ++k) s[k][r] = summarize(samples[k], n);
    pause_ms(20);
  }
  const char *first = client_first ? "close_order=client,server" : "close_order=server,client";
  const char *names[] = {"socket", "connect", "accept4", "close of the first", "close of the second", "all five"};
  for (int k = 0; k < 6; ++k) {
    char p[100];
    snprintf(p, sizeof p, "call=%s closes_first=%s", names[k], first + 12);
    for (char *x = p; *x; ++x) if (*x == ',') *x = '>';
    print_summaries("connection", p, s[k]);
  }
  close(listener);
}

static void *accept_thread(void *argument) {
  int listener = (int)(long)argument, fd;
  place(1, true);
  for (;;) {
    fd = accept4(listener, NULL, NULL, 0);
    atomic_store(&shared->at, now());
    if (fd < 0) return NULL;
    close(fd);
    atomic_fetch_add(&shared->done, 1);
  }
}

static void accepts(int cpus, int gap_ms) {
  static long samples[kMaxSamples];
  Summary s[kRepeats];
  int listener = make_listener(), n = gap_ms ? 100 : 500;
  struct sockaddr_in a = address();
  pthread_t thread;
  atomic_store(&shared->done, 0);
  pthread_create(&thread, NULL, accept_thread, (void *)(long)listener);
  place(cpus == 1 ? 1 : 0, true);
  pause_ms(5);
  for (int r = 0, expected = 0; r < kRepeats; ++r) {
    for (int i = 0; i < n; ++i) {
      if (gap_ms) pause_ms(gap_ms); else for (long end = now() + 50000; now() < end;) {}
      int c = TRY(socket(AF_INET, SOCK_STREAM, 0));
      long start = now();
      TRY(connect(c, (struct sockaddr *)&a, sizeof a));
      for (++expected; atomic_load(&shared->done) < expected;) if (cpus == 1) sched_yield();
      samples[i] = atomic_load(&shared->at) - start;
      close(c);
      if (cpus == 1) sched_yield();
    }
    s[r] = summarize(samples, n);
  }
  char p[100];
  snprintf(p, sizeof p, "cpus=%d policy=fifo gap=%s", cpus, gap_ms ? "2ms sleep" : "50us spin");
  print_summaries("accept", p, s);
  shutdown(listener, SHUT_RD);
  if (cpus == 1) sched_yield();
  pthread_join(thread, NULL);
  close(listener);
}

// ---------------------------------------------------------------- readiness

static void ready(int watched, int k) {
  static long samples[kMaxSamples];
  static int pairs[256][2];
  Summary s[kRepeats];
  int listener = make_listener(), ep = TRY(epoll_create1(0)), n = 1000;
  struct epoll_event events[256];
  for (int i = 0; i < watched; ++i) {
    connect_pair(listener, "cubic", 0, pairs[i]);
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
    TRY(epoll_ctl(ep, EPOLL_CTL_ADD, pairs[i][1], &e));
    if (i < k) TRY(write(pairs[i][0], "x", 1));
  }
  place(1, true);
  for (int r = 0; r < kRepeats; ++r) {
    for (int i = 0; i < n; ++i) {
      long start = now();
      int got = epoll_wait(ep, events, 256, 0);
      samples[i] = now() - start;
      if (got != k) die("epoll_wait");
    }
    s[r] = summarize(samples, n);
    pause_ms(5);
  }
  char p[64];
  snprintf(p, sizeof p, "ready=%d watched=%d", k, watched);
  print_summaries("ready", p, s);
  for (int i = 0; i < watched; ++i) close(pairs[i][0]), close(pairs[i][1]);
  close(ep);
  close(listener);
}

// ---------------------------------------------------------------- a wake-up through an eventfd

static void *wait_thread(void *argument) {
  int fd = (int)(long)argument, ep = TRY(epoll_create1(0));
  struct epoll_event e = {.events = EPOLLIN};
  unsigned long value;
  TRY(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
  place(1, true);
  while (!atomic_load(&shared->stop)) {
    TRY(epoll_wait(ep, &e, 1, -1));
    atomic_store(&shared->at, now());
    TRY(read(fd, &value, sizeof value));
    atomic_fetch_add(&shared->done, 1);
  }
  close(ep);
  return NULL;
}

static void eventfds(int cpus, int gap_ms) {
  static long samples[2][kMaxSamples];
  Summary s[2][kRepeats];
  int fd = TRY(eventfd(0, 0)), n = gap_ms ? 200 : 1000;
  unsigned long one = 1;
  pthread_t thread;
  atomic_store(&shared->done, 0), atomic_store(&shared->stop, 0);
  pthread_create(&thread, NULL, wait_thread, (void *)(long)fd);
  place(cpus == 1 ? 1 : 0, true);
  pause_ms(5);
  for (int r = 0, expected = 0; r < kRepeats; ++r) {
    for (int i = 0; i < n; ++i) {
      if (gap_ms) pause_ms(gap_ms); else for (long end = now() + 50000; now() < end;) {}
      if (r == kRepeats - 1 && i == n - 1) atomic_store(&shared->stop, 1);
      long start = now();
      TRY(write(fd, &one, sizeof one));
      long returned = now();
      for (++expected; atomic_load(&shared->done) < expected;) if (cpus == 1) sched_yield();
      samples[0][i] = atomic_load(&shared->at) - start;
      samples[1][i] = returned - start;
      if (cpus == 1) sched_yield();
    }
    for (int k = 0; k < 2; ++k) s[k][r] = summarize(samples[k], n);
  }
  pthread_join(thread, NULL);
  close(fd);
  for (int k = 0; k < 2; ++k) {
    char p[100];
    snprintf(p, sizeof p, "%s cpus=%d policy=fifo gap=%s", k ? "the writer's write" : "write to return of epoll_wait", cpus, gap_ms ? "2ms sleep" : "50us spin");
    print_summaries("eventfd", p, s[k]);
  }
}

static void raise_loopback(void) {
  TRY(unshare(CLONE_NEWNET));
  int s = TRY(socket(AF_INET, SOCK_DGRAM, 0));
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  TRY(ioctl(s, SIOCSIFFLAGS, &request));
  close(s);
}

int main(void) {
  alarm(300);
  raise_loopback();
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  printf("what,parameters,n,min_ns,q1_ns,median_ns,q3_ns,p99_ns\n");
  connections(false);
  connections(true);
  for (int cpus = 1; cpus <= 2; ++cpus) { accepts(cpus, 0); accepts(cpus, 2); }
  ready(1, 0); ready(1, 1); ready(10, 10); ready(100, 100); ready(100, 10); ready(200, 200);
  for (int cpus = 1; cpus <= 2; ++cpus) { eventfds(cpus, 0); eventfds(cpus, 2); }
  requests();
  return 0;
}
