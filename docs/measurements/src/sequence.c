// The kernel's events of one small happening, in order: sequence WHAT [cpus=1|2]
//
//   request    client write(16) and read; server epoll_wait, read, write(16). Prints the sequence that most of the rounds=4-16 of
//              all connections show (connections=8, gap_us=50000 between an answer and the next request), and with acks=1 a table of who acknowledged how in each of the first 20 rounds.
//   connect    client connect(); server epoll_wait, accept4.       close    client close(); server epoll_wait, read (0), close.
//   eventfd    client write(eventfd); server epoll_wait, read.     futex    client FUTEX_WAKE; server in FUTEX_WAIT.
//   nanosleep  client nanosleep(100 us), timer slack 1 ns.
// Client and server are two processes, SCHED_FIFO 50; cpus=1: both on CPU 1; cpus=2: the client on CPU 0, the server on CPU 1.
//
// One line an event: CPU, task, context (task, softirq, hardirq), event, fields. Tasks that are neither client nor server are
// called idle or other; the tick's own timer is left out. cpus=2: first what CPU 0 does, then CPU 1. The header says how many of the runs were equal to the one printed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/futex.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <fcntl.h>
#include <unistd.h>

enum { kPort = 9200, kRuns = 800, kRounds = 20, kSequence = 32768 };
static const char *what = "request";
static int cpus = 1, acks, connections = 8, gap_us = 50000, first_round = 4, last_round = 16, marker = -1, listener, event_fd;
static pid_t server_pid;
static uint32_t *futex_word;
static char tracefs[64] = "/tmp/sequence.tracefs.XXXXXX", instance[256];

static void stop_trace(void) {
  if (marker >= 0) close(marker);
  if (*instance && rmdir(instance) < 0) perror(instance);
  umount2(tracefs, MNT_DETACH);
  rmdir(tracefs);
  if (server_pid > 0) kill(server_pid, SIGKILL);
}
static void die(const char *text) { perror(text); if (server_pid >= 0) stop_trace(); _exit(70); }
#define TRY(call) ({ long r_ = (call); if (r_ < 0) die(#call); r_; })
static void on_alarm(int s) { (void)s; stop_trace(); _exit(4); }
static bool is(const char *name) { return !strcmp(what, name); }

// ---------------------------------------------------------------- set-up

static void trace_set(const char *file, const char *text) {
  char path[400];
  snprintf(path, sizeof path, "%s/%s", instance, file);
  int fd = TRY(open(path, O_WRONLY | O_TRUNC));
  TRY(write(fd, text, strlen(text)));
  close(fd);
}

static void start_trace(void) {
  static const char *events[] = {
      "net", "napi/napi_poll", "irq/softirq_raise", "irq/softirq_entry", "irq/softirq_exit", "sched/sched_waking", "sched/sched_wakeup",
      "sched/sched_switch", "sched/sched_wake_idle_without_ipi", "sock", "tcp/tcp_probe", "tcp/tcp_sendmsg_locked",
      "tcp/tcp_rcv_space_adjust", "tcp/tcp_destroy_sock", "timer/timer_start", "timer/timer_cancel", "timer/timer_expire_entry",
      "timer/hrtimer_setup", "timer/hrtimer_start", "timer/hrtimer_cancel", "timer/hrtimer_expire_entry", "timer/hrtimer_expire_exit",
      "ipi/ipi_send_cpu", "irq_vectors/reschedule_entry", "irq_vectors/reschedule_exit", "irq_vectors/call_function_single_entry",
      "irq_vectors/call_function_single_exit"};
  static const char *calls[] = {"read", "write", "epoll_wait", "connect", "accept4", "close", "futex", "clock_nanosleep"};
  char path[400];
  if (!mkdtemp(tracefs)) die("mkdtemp");
  TRY(mount("none", tracefs, "tracefs", 0, NULL));
  snprintf(instance, sizeof instance, "%s/instances/sequence_%d", tracefs, getpid());
  TRY(mkdir(instance, 0700));
  trace_set("trace_clock", "mono");
  trace_set("buffer_size_kb", "32768");
  for (size_t i = 0; i < sizeof events / sizeof *events; ++i) {
    snprintf(path, sizeof path, "events/%s/enable", events[i]);
    trace_set(path, "1");
  }
  for (size_t i = 0; i < 2 * sizeof calls / sizeof *calls; ++i) {
    snprintf(path, sizeof path, "events/syscalls/sys_%s_%s/enable", i % 2 ? "exit" : "enter", calls[i / 2]);
    trace_set(path, "1");
  }
  snprintf(path, sizeof path, "%s/trace_marker", instance);
  marker = TRY(open(path, O_WRONLY | O_CLOEXEC));
}

static void become(const char *name, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  TRY(sched_setaffinity(0, sizeof set, &set));
  struct sched_param p = {.sched_priority = 50};
  TRY(sched_setscheduler(0, SCHED_FIFO, &p));
  prctl(PR_SET_TIMERSLACK, 1);
  prctl(PR_SET_NAME, name);
}

static struct sockaddr_in address(void) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(kPort), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void raise_loopback(void) {
  TRY(unshare(CLONE_NEWNS | CLONE_NEWNET));
  TRY(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  int s = TRY(socket(AF_INET, SOCK_DGRAM, 0)), one = 1;
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  TRY(ioctl(s, SIOCSIFFLAGS, &request));
  close(s);
  struct sockaddr_in a = address();
  listener = TRY(socket(AF_INET, SOCK_STREAM, 0));
  TRY(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
  TRY(bind(listener, (struct sockaddr *)&a, sizeof a));
  TRY(listen(listener, 128));
}

// ---------------------------------------------------------------- the two programs

static void add(int ep, int fd) {
  struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
  TRY(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
}

static void server(void) {
  char buffer[65536];
  struct epoll_event e;
  int ep = TRY(epoll_create1(0));
  add(ep, listener);
  add(ep, event_fd);
  if (is("futex")) for (;;) syscall(SYS_futex, futex_word, FUTEX_WAIT, 0, NULL, NULL, 0);
  for (;;) {
    TRY(epoll_wait(ep, &e, 1, -1));
    if (e.data.fd == listener) { add(ep, accept4(listener, NULL, NULL, SOCK_CLOEXEC)); continue; }
    long n = read(e.data.fd, buffer, sizeof buffer);
    if (n <= 0) close(e.data.fd);
    else if (e.data.fd != event_fd) TRY(write(e.data.fd, buffer, n));
  }
}

static void rest(long us) { struct timespec t = {us / 1000000, us % 1000000 * 1000}; nanosleep(&t, NULL); }

static void mark(const char *text, int run) {
  char line[32];
  TRY(write(marker, line, snprintf(line, sizeof line, "%s %d\n", text, run)));
}

static int connected(void) {
  struct sockaddr_in a = address();
  int s = TRY(socket(AF_INET, SOCK_STREAM, 0));
  TRY(setsockopt(s, IPPROTO_TCP, 13 /* TCP_CONGESTION */, "cubic", 5));
  TRY(connect(s, (struct sockaddr *)&a, sizeof a));
  rest(3000);
  return s;
}

static int client(void) {
  char buffer[64] = "";
  uint64_t one = 1;
  struct sockaddr_in a = address();
  int runs = 0, s = -1;
  if (is("request")) {
    for (int c = 0; c < connections; ++c) {
      s = connected();
      for (int round = 0; round < kRounds; ++round, ++runs, rest(gap_us)) {
        mark("begin", runs);
        TRY(write(s, buffer, 16));
        TRY(read(s, buffer, sizeof buffer));
        mark("end", runs);
      }
      close(s);
      rest(3000);
    }
    return runs;
  }
  for (; runs < 100; ++runs, rest(1000)) {
    if (is("close")) s = connected();
    if (is("connect")) s = TRY(socket(AF_INET, SOCK_STREAM, 0));
    mark("begin", runs);
    if (is("connect")) TRY(connect(s, (struct sockaddr *)&a, sizeof a));
    if (is("close")) close(s);
    if (is("eventfd")) TRY(write(event_fd, &one, sizeof one));
    if (is("futex")) syscall(SYS_futex, futex_word, FUTEX_WAKE, 1, NULL, NULL, 0);
    if (is("nanosleep")) rest(100);
    else rest(3000);
    mark("end", runs);
    if (is("connect")) close(s);
  }
  return runs;
}

// ---------------------------------------------------------------- making the trace readable

static char sequence[kRuns][kSequence];
static bool complete[kRuns];
static struct { char pointer[32], function[48]; } timers[256];
static char client_ack[kRuns], server_ack[kRuns];  // i immediate, d timer started, p already pending or piggy-backed

static const char *value(const char *line, const char *key, char out[64]) {
  const char *p = strstr(line, key);
  if (!p) { strcpy(out, "?"); return out; }
  p += strlen(key);
  size_t n = strcspn(p, " ,])\n");
  snprintf(out, 64, "%.*s", (int)(n < 63 ? n : 63), p);
  return out;
}

static const char *task_name(const char *comm) {
  return !strncmp(comm, "client", 6) ? "client" : !strncmp(comm, "server", 6) ? "server"
       : !strncmp(comm, "<idle>", 6) || !strncmp(comm, "swapper", 7) ? "idle" : "other";
}

/// "timer=" is only a pointer in timer_cancel: the function was told by timer_start or hrtimer_setup.
static const char *timer_function(const char *text) {
  static int last;
  char pointer[64], function[64];
  value(text, strstr(text, "hrtimer=") ? "hrtimer=" : "timer=", pointer);
  value(text, "function=", function);
  for (int i = 0; i < 256; ++i)
    if (!strcmp(timers[i].pointer, pointer)) {
      if (*function != '?') snprintf(timers[i].function, 48, "%.47s", function);
      return timers[i].function;
    }
  if (*function == '?') return "?";
  int i = last++ % 256;
  snprintf(timers[i].pointer, 32, "%.31s", pointer);
  snprintf(timers[i].function, 48, "%.47s", function);
  return timers[i].function;
}

static const char *side(const char *text, const char *key) {  // which end is it whose local port stands behind the key
  char v[64];
  value(text, key, v);
  const char *colon = strrchr(v, ':');
  return atoi(colon ? colon + 1 : v) == kPort ? "server" : "client";
}

static void append_fields(char *out, size_t room, const char *text, const char *keys) {
  char key[64], v[64];
  for (int n; sscanf(keys, "%63s%n", key, &n) == 1; keys += n) {
    char with[66], spaced[68];
    snprintf(with, sizeof with, " %s=", key);
    snprintf(spaced, sizeof spaced, " %s = ", key);
    const char *at = strstr(text, with) ? with : spaced;
    size_t used = strlen(out);
    const char *shown = value(text, at, v);
    if (strstr(key, "comm")) shown = task_name(v);
    if (*shown != '?') snprintf(out + used, room - used, " %s=%s", key, shown);
  }
}

/// The event's name and what matters of its fields; false if it is not told.
static bool clean(const char *text, char *out, size_t room) {
  static const struct { const char *event, *keys; } table[] = {
      {"tcp_sendmsg_locked", "skb_len msg_left size_goal"}, {"net_dev_queue", "dev len"}, {"net_dev_start_xmit", "dev len data_len"},
      {"netif_rx_entry", "len data_len"}, {"netif_rx", "len"}, {"netif_rx_exit", "ret"}, {"net_dev_xmit", "len rc"},
      {"netif_receive_skb", "len"}, {"softirq_raise", "vec"}, {"softirq_entry", "vec"}, {"softirq_exit", "vec"},
      {"sched_waking", "comm target_cpu"}, {"sched_wakeup", "comm target_cpu"}, {"sched_wake_idle_without_ipi", "cpu"},
      {"sched_switch", "prev_comm prev_state next_comm"}, {"sk_data_ready", "func"}, {"sock_send_length", "length error"},
      {"sock_recv_length", "length error"}, {"ipi_send_cpu", "cpu callback"}, {"reschedule_entry", ""}, {"reschedule_exit", ""},
      {"call_function_single_entry", ""}, {"call_function_single_exit", ""}};
  char name[64] = "", v[64], w[64];
  size_t n = strcspn(text, ":( ");
  snprintf(name, sizeof name, "%.*s", (int)n, text);
  const char *rest_of = text + n;
  unsigned long a = 0, b = 0;
  if (!strncmp(name, "sys_", 4)) {
    if (strstr(rest_of, "-> ")) return snprintf(out, room, "sys_exit_%s ret=%ld", name + 4, (long)strtoul(strstr(rest_of, "-> ") + 3, NULL, 16));
    snprintf(out, room, "sys_enter_%s", name + 4);
    if (*value(rest_of, "count: ", v) != '?') snprintf(out + strlen(out), room - strlen(out), " count=%ld", strtol(v, NULL, 16));
    return true;
  }
  if (strstr(name, "timer_")) {
    const char *function = timer_function(text);
    if (!strncmp(function, "tick_", 5) || *function == '?' || strstr(name, "timer_init")) return false;
    if (strncmp(function, "tcp_", 4) && strcmp(function, "hrtimer_wakeup") && strncmp(function, "reqsk", 5) && strncmp(function, "tw_", 3)) return false;
    snprintf(out, room, "%s function=%s", name, function);
    if (!strcmp(name, "timer_start")) snprintf(out + strlen(out), room - strlen(out), " timeout=%s", value(text, "timeout=", v));
    if (!strcmp(name, "hrtimer_start")) {
      a = strtoul(value(text, " expires=", v), NULL, 10), b = strtoul(value(text, "softexpires=", w), NULL, 10);
      snprintf(out + strlen(out), room - strlen(out), " slack=%ldns", (long)(a - b));
    }
    return true;
  }
  if (!strcmp(name, "tcp_sendmsg_locked"))
    return snprintf(out, room, "%s skb_len=%s msg_left=%s", name, value(text, "skb_len ", v), value(text, "msg_left ", w));
  if (!strcmp(name, "napi_poll")) return snprintf(out, room, "napi_poll work=%s budget=%s", value(text, " work ", v), value(text, "budget ", w));
  if (!strcmp(name, "tcp_probe")) {
    a = strtoul(value(text, "snd_nxt=", v), NULL, 16), b = strtoul(value(text, "snd_una=", w), NULL, 16);
    return snprintf(out, room, "tcp_probe at=%s data_len=%s unacked=%lu", side(text, "src="), value(text, "data_len=", v), a - b);
  }
  if (!strcmp(name, "inet_sock_set_state"))
    return snprintf(out, room, "inet_sock_set_state at=%s oldstate=%s newstate=%s", side(text, "sport="), value(text, "oldstate=", v), value(text, "newstate=", w));
  if (!strcmp(name, "tcp_rcv_space_adjust") || !strcmp(name, "tcp_destroy_sock")) return snprintf(out, room, "%s at=%s", name, side(text, "sport="));
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    if (strcmp(name, table[i].event)) continue;
    snprintf(out, room, "%s", name);
    append_fields(out, room, rest_of, table[i].keys);
    return !strstr(out, "softirq") || strstr(out, "vec=3") || strstr(out, "vec=2");  // network alone
  }
  return false;
}

/// Who acknowledges: a pure ACK (52 bytes at the network layer) sent by an end's receive path, or its delayed-ACK timer.
static void note_ack(int run, const char *task, const char *cleaned, const char *context) {
  char *at = !strcmp(task, "client") ? &server_ack[run] : &client_ack[run];  // inline receive: in the other end's write
  if (strcmp(context, "softirq")) return;
  if (!strcmp(cleaned, "netif_rx len=52")) *at = 'i';
  if (!strncmp(cleaned, "timer_start function=tcp_delack_timer", 37) && !*at) *at = 'd';
}

static void read_line(const char *line) {
  static int run = -1;
  static bool skip_exit;
  char comm[64] = "", cleaned[512] = "", row[700];
  const char *cpu = strstr(line, " ["), *m;
  if (!cpu) return;
  const char *flags = cpu + 7, *text = strstr(flags, ": ");
  if (!text) return;
  text += 2;
  if ((m = strstr(text, "tracing_mark_write: begin "))) { run = atoi(m + 26); skip_exit = true; return; }
  if (strstr(text, "tracing_mark_write: end")) { if (run >= 0) complete[run] = true; run = -1; return; }
  bool told = clean(text, cleaned, sizeof cleaned);  // also where no run is: it learns the timers' functions
  if (run < 0 || !told) return;
  sscanf(line, " %63s", comm);
  const char *task = task_name(comm);
  bool ours = !strcmp(task, "client") || !strcmp(task, "server");
  bool about = strstr(cleaned, "comm=client") || strstr(cleaned, "comm=server") || strstr(cleaned, "hrtimer_wakeup");
  bool irq_entry = cpus == 2 && (!strncmp(cleaned, "resched", 7) || !strncmp(cleaned, "call_", 5) || !strncmp(cleaned, "ipi_", 4));
  if (!ours && !about && !irq_entry) return;
  if (skip_exit && !strncmp(cleaned, "sys_exit_write", 14)) { skip_exit = false; return; }
  if (strstr(cleaned, "sys_enter_write") && !ours) return;
  const char *context = flags[2] == 'h' || flags[2] == 'H' || flags[2] == 'Z' ? "hardirq" : flags[2] == 's' ? "softirq" : "task";
  note_ack(run, task, cleaned, context);
  snprintf(row, sizeof row, "cpu%d %-6s %-7s %s\n", atoi(cpu + 2), task, context, cleaned);
  if (strlen(sequence[run]) + strlen(row) < kSequence) strcat(sequence[run], row);
}

/// What follows the last thing that the server does is only the client's rest; the marker's own write is not told either.
static void trim(char *text) {
  if (is("request") || is("nanosleep")) {
    char *cut = NULL;
    for (char *p = text; (p = strstr(p, "sys_enter_write")); p += 5) cut = p;  // the end marker
    if (cut && !strstr(cut, "count=16")) { while (cut > text && cut[-1] != '\n') --cut; *cut = 0; }
    return;
  }
  char *end = text;
  for (char *line = text; *line;) {
    char *next = strchr(line, '\n') + 1;
    char *server_word = strstr(line, "server");
    if (server_word && server_word < next && !(strstr(line, "idle") && strstr(line, "idle") < server_word)) end = next;
    line = next;
  }
  *end = 0;
}

static void read_trace(void) {
  char path[400];
  static char line[4096];
  snprintf(path, sizeof path, "%s/trace", instance);
  FILE *f = fopen(path, "r");
  if (!f) die(path);
  while (fgets(line, sizeof line, f)) read_line(line);
  fclose(f);
}

static bool left_out(int run) {
  int round = run % kRounds + 1;
  return !complete[run] || (is("request") && (round < first_round || round > last_round));
}

/// How two CPUs interleave differs from run to run; what each does does not: first all of CPU 0, then all of CPU 1.
static void part_by_cpu(char *text) {
  static char parts[2][kSequence];
  parts[0][0] = parts[1][0] = 0;
  for (char *line = text; *line;) {
    size_t n = strchr(line, '\n') + 1 - line;
    strncat(parts[line[3] - '0'], line, n);
    line += n;
  }
  snprintf(text, kSequence, "%s", parts[0]);
  size_t used = strlen(text);
  snprintf(text + used, kSequence - used, "%s", parts[1]);
}

static void print_modal(int runs) {
  static bool seen[kRuns];
  int total = 0, best = -1, best_n = 0, distinct = 0;
  for (int i = 0; i < runs; ++i) {
    if (left_out(i)) continue;
    trim(sequence[i]);
    if (cpus == 2) part_by_cpu(sequence[i]);
    ++total;
  }
  for (int i = 0; i < runs; ++i) {
    if (seen[i] || left_out(i)) continue;
    int n = 0;
    for (int k = i; k < runs; ++k)
      if (!left_out(k) && !strcmp(sequence[i], sequence[k])) seen[k] = true, ++n;
    ++distinct;
    if (n > best_n) best_n = n, best = i;
  }
  if (is("request")) printf("# rounds %d to %d of %d connections, %d us between an answer and the next request\n", first_round, last_round, connections, gap_us);
  printf("# %s cpus=%d: %d of %d runs show exactly this sequence (%d distinct)\n", what, cpus, best_n, total, distinct);
  if (best >= 0) fputs(sequence[best], stdout);
}

static void print_acks(void) {
  printf("# round: the server's socket on the request, the client's socket on the answer; i: an ACK was sent at once, d: the delayed-ACK timer was\n"
         "# started, -: neither (the timer was pending, the ACK went with data). %d connections, %d us between an answer and the next request.\nround,server_i,server_d,server_none,client_i,client_d,client_none\n", connections, gap_us);
  for (int round = 0; round < kRounds; ++round) {
    int n[6] = {0};
    for (int c = 0; c < connections; ++c) {
      char s = server_ack[c * kRounds + round], k = client_ack[c * kRounds + round];
      ++n[s == 'i' ? 0 : s == 'd' ? 1 : 2], ++n[3 + (k == 'i' ? 0 : k == 'd' ? 1 : 2)];
    }
    printf("%d,%d,%d,%d,%d,%d,%d\n", round + 1, n[0], n[1], n[2], n[3], n[4], n[5]);
  }
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) {
    if (!strncmp(argv[i], "cpus=", 5)) cpus = atoi(argv[i] + 5);
    else if (!strncmp(argv[i], "acks=", 5)) acks = atoi(argv[i] + 5);
    else if (!strncmp(argv[i], "connections=", 12)) connections = atoi(argv[i] + 12);
    else if (!strncmp(argv[i], "gap_us=", 7)) gap_us = atoi(argv[i] + 7);
    else if (!strncmp(argv[i], "rounds=", 7)) sscanf(argv[i] + 7, "%d-%d", &first_round, &last_round);
    else what = argv[i];
  }
  raise_loopback();
  event_fd = TRY(eventfd(0, 0));
  futex_word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  server_pid = fork();
  if (!server_pid) { server_pid = -1; prctl(PR_SET_PDEATHSIG, SIGKILL); alarm(60); become("server", 1); server(); _exit(0); }
  start_trace();
  signal(SIGALRM, on_alarm);
  alarm(60);
  become("client", cpus == 1 ? 1 : 0);
  rest(20000);
  int runs = client();
  trace_set("tracing_on", "0");
  struct sched_param normal = {0};
  sched_setscheduler(0, SCHED_OTHER, &normal);
  read_trace();
  if (acks) print_acks(); else print_modal(runs);
  fflush(stdout);
  stop_trace();
  waitpid(server_pid, NULL, 0);
  return 0;
}
