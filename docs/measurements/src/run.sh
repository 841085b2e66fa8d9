#!/bin/sh
# Reproduces the measurements of docs/measurements: run.sh [herd|herd_trace|combinations|roundtrip|sequences|facts ...]; needs root, gcc and
# two CPUs. The programs make namespaces and trace instances of their own and end by their own deadlines.
set -eu
cd "$(dirname "$0")"
out=$(cd .. && pwd)
bin=$(mktemp -d /tmp/measurements.XXXXXX)
trap 'rm -rf "$bin"' EXIT
for program in *.c; do gcc -std=gnu11 -O2 -Wall -Wextra -pthread "$program" -o "$bin/${program%.c}"; done
machine="$(uname -sr | sed 's/-.*//'), HZ 250, PREEMPT_NONE, $(nproc) vCPUs of a virtual machine (KVM, AMD EPYC)"

herd() {  # the scenario's variants: on one CPU everything is FIFO and exact, on two CPUs counts are distributions
  for cpus in ${CPUS:-1 2 free}; do
    file=$out/herd_variants_${cpus}cpu.txt policy=fifo
    [ "$cpus" = free ] && policy=other  # nothing set, nothing pinned: as a program that knows nothing of all this
    echo "# $machine; herd.c; policy=$policy, workers and client; 8 workers; one accept a wake-up; cpus=$cpus" > "$file"
    echo "# woken: waker>woken, c client, s in softirq, number a worker. ran: workers in the order in which they were switched to." >> "$file"
    common="cpus=$cpus policy=$policy connections=200 every_us=5000"
    {
      "$bin/herd" $common name=shared
      "$bin/herd" $common name=each epoll=each
      "$bin/herd" $common name=shared-reuseport reuseport=1
      "$bin/herd" $common name=each-reuseport epoll=each reuseport=1
      "$bin/herd" $common name=shared-exclusive exclusive=1
      "$bin/herd" $common name=each-exclusive epoll=each exclusive=1
      "$bin/herd" $common name=shared-edge trigger=edge
      "$bin/herd" $common name=each-edge epoll=each trigger=edge
      "$bin/herd" $common name=each-edge-exclusive epoll=each trigger=edge exclusive=1
      "$bin/herd" $common name=blocking-accept wait=accept
      "$bin/herd" $common name=blocking-poll wait=poll
      "$bin/herd" $common name=shared-until-eagain accept=until_eagain
      "$bin/herd" $common name=each-until-eagain epoll=each accept=until_eagain
      "$bin/herd" $common name=shared-edge-until-eagain trigger=edge accept=until_eagain
      "$bin/herd" $common name=each-edge-until-eagain epoll=each trigger=edge accept=until_eagain
      "$bin/herd" $common name=each-edge-exclusive-until-eagain epoll=each trigger=edge exclusive=1 accept=until_eagain
    } >> "$file"
  done
}

combinations() {
  file=$out/herd_combinations.csv
  echo "# $machine; herd.c; level-triggered, no flags, one accept a wake-up; histograms are count:connections" > "$file"
  echo "name,epoll,trigger,exclusive,reuseport,accept,wait,workers,policy,cpus,think_us,think_kind,connections,every_us,returns_mean,returns,kernel_wakeups_mean,kernel_wakeups,eagain_mean,eagain,accepts_per_worker,all_wakings,voluntary_switches" >> "$file"
  for epoll in shared each; do for policy in fifo other; do for cpus in 1 2; do for workers in 2 4 8 16; do
    "$bin/herd" csv=1 name=sweep epoll=$epoll policy=$policy cpus=$cpus workers=$workers every_us=4000
    for kind in sleep busy; do for think in 20 100 1000; do
      every=5000; [ $think$kind = 1000busy ] && every=$((2000 + 1000 * workers))
      "$bin/herd" csv=1 name=sweep epoll=$epoll policy=$policy cpus=$cpus workers=$workers think_us=$think think_kind=$kind every_us=$every
    done; done
  done; done; done; done >> "$file"
  for epoll in shared each; do for policy in fifo other; do for think in 0 100; do  # left to the scheduler, not pinned
    "$bin/herd" csv=1 name=free epoll=$epoll policy=$policy cpus=free workers=8 think_us=$think every_us=4000
  done; done; done >> "$file"
}

roundtrip() {
  file=$out/roundtrip.csv
  echo "# $machine; roundtrip.c; minimum and medians of 5 repeats; the machine was shared" > "$file"
  "$bin/roundtrip" >> "$file"
}

sequences() {
  one() { file=$out/$1; shift; { echo "# $machine; sequence.c $*"; "$bin/sequence" "$@"; } > "$file"; }
  one first_request.events request
  one sequence_request_first_on_connection.events request rounds=1-1 connections=30 gap_us=1000
  one sequence_request_gap_5ms.events request gap_us=5000
  one sequence_request_two_cpus.events request cpus=2
  for what in connect close eventfd futex nanosleep; do one sequence_$what.events $what; done
  for what in connect eventfd futex; do one sequence_${what}_two_cpus.events $what cpus=2; done
  file=$out/quick_ack.csv
  echo "# $machine; sequence.c request acks=1" > "$file"
  for gap in 500 5000 30000 50000 250000; do "$bin/sequence" request acks=1 gap_us=$gap connections=4 >> "$file"; done
}

facts() {
  file=$out/facts.md
  { echo "<!-- $machine; facts.c; made by run.sh facts -->"; echo "# Small facts"; echo; cat facts_intro.md; "$bin/facts"; } > "$file"
}

herd_trace() {  # what happens at the last of five connections: system calls, wake-ups and switches of workers and client
  for variant in "shared epoll=shared" "each epoll=each" "each_exclusive epoll=each exclusive=1" "shared_think epoll=shared think_us=100" "each_think epoll=each think_us=100"; do
    set -- $variant; name=$1; shift
    file=$out/herd_$name.events
    echo "# $machine; herd.c $* cpus=1 policy=fifo, the last of five connections; microseconds since the client entered connect()" > "$file"
    unshare -m sh -c '
      tracefs=$(mktemp -d /tmp/tracefs.XXXXXX); mount -t tracefs none $tracefs; t=$tracefs/instances/herd_trace_$$; mkdir $t
      echo mono > $t/trace_clock
      for e in sched/sched_waking sched/sched_switch; do echo 1 > $t/events/$e/enable; done
      for c in epoll_wait accept4 connect close clock_nanosleep; do for s in enter exit; do echo 1 > $t/events/syscalls/sys_${s}_$c/enable; done; done
      "$0" connections=5 "$@" > /dev/null
      echo 0 > $t/tracing_on; grep herd $t/trace; rmdir $t; umount $tracefs; rmdir $tracefs' "$bin/herd" "$@" |
    awk '/herdcli.*sys_connect\(/ { n = 0 } { lines[n++] = $0 } END { for (i = 0; i < n; ++i) print lines[i] }' |
    sed -E 's/^ *([a-z0-9_<>.\/:+-]+)-[0-9]+ +\[00([0-9])\] (.....) +([0-9.]+): /\1 \2 \3 \4 /; s/prev_pid=[0-9]+ prev_prio=[0-9]+ //; s/ next_pid=[0-9]+ next_prio=[0-9]+//; s/ pid=[0-9]+ prio=[0-9]+//; s/(epfd|events|fd|upeer_sockaddr|uservaddr|upeer_addrlen|flags|addrlen|which_clock|rqtp|rmtp|maxevents): 0x[0-9a-f]+,? ?//g; s/(epfd|fd|which_clock): [0-9]+,? ?//g' |
    awk 'NR == 1 { start = $4 } /herdcli.*sys_close\(/ { exit } { us = ($4 - start) * 1e6; ctx = substr($3, 3, 1) == "s" ? "softirq" : tolower(substr($3, 3, 1)) == "h" ? "hardirq" : "task"; $3 = ctx; $4 = sprintf("%8.1f", us); print $4, "cpu" $2, $1, $3, substr($0, index($0, $4) + length($4) + 1) }' >> "$file"
  done
}

[ $# -gt 0 ] || set -- herd herd_trace combinations roundtrip sequences facts
for part in "$@"; do $part; done
