#!/bin/sh
# The events of one request and its answer over loopback, client and server on one CPU, both SCHED_FIFO; then the other sequences.
exec "$(dirname "$0")/run.sh" sequences
