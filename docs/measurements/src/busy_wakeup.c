// How long a wake-up takes to a CPU that sleeps, and to one that runs another program.
//
// A SCHED_FIFO thread on CPU 0 wakes another on CPU 1 by a futex, 1000 times, a millisecond apart. With the argument 1 a normal
// thread spins on CPU 1 meanwhile.
//
// Usage: busy_wakeup [1]; needs root and two CPUs.
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { kTimes = 1000 };

static atomic_int word, stop;
static int64_t woke, until_running[kTimes], call[kTimes];

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void place(int cpu, int is_fifo) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
  struct sched_param p = {.sched_priority = 50};
  if (is_fifo && sched_setscheduler(0, SCHED_FIFO, &p) < 0) { perror("SCHED_FIFO"); exit(2); }
}

static void *spin(void *argument) {
  (void)argument;
  place(1, 0);
  while (!atomic_load(&stop)) {}
  return NULL;
}

static void *sleeper(void *argument) {
  (void)argument;
  place(1, 1);
  for (int i = 0; i < kTimes; ++i) {
    while (atomic_load(&word) == i) syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, i, NULL, NULL, 0);
    until_running[i] = now_ns() - woke;
  }
  return NULL;
}

static int ascending(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void print(const char *what, int64_t *values) {
  qsort(values, kTimes, sizeof *values, ascending);
  printf("  %-24s min %.1f  quartiles %.1f  %.1f  %.1f us\n", what, values[0] / 1e3, values[kTimes / 4] / 1e3,
         values[kTimes / 2] / 1e3, values[kTimes * 3 / 4] / 1e3);
}

int main(int argc, char **argv) {
  int is_busy = argc > 1 && atoi(argv[1]);
  pthread_t thread, hog;
  if (is_busy) pthread_create(&hog, NULL, spin, NULL);
  pthread_create(&thread, NULL, sleeper, NULL);
  place(0, 1);
  usleep(100000);
  for (int i = 0; i < kTimes; ++i) {
    struct timespec pause = {0, 1000000};
    nanosleep(&pause, NULL);
    woke = now_ns();
    atomic_store(&word, i + 1);
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    call[i] = now_ns() - woke;
  }
  pthread_join(thread, NULL);
  atomic_store(&stop, 1);
  printf("%s\n", is_busy ? "its CPU runs another program" : "its CPU sleeps, if nobody else uses it");
  print("from the wake to running", until_running);
  print("the waker's call", call);
  return 0;
}
