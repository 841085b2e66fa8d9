// Wait queues, files and descriptors.

#include "analysis/folding.hpp"

namespace stackscope {

WaitQueueView& wait_queue_of(HostView& host, WaitQueueId id) {
  WaitQueueView& queue = host.wait_queues[id];
  queue.id = id;
  return queue;
}

void drop_wait_queue_if_unused(HostView& host, WaitQueueId id) {
  const WaitQueueView* const queue = host.wait_queues.find(id);
  if (queue != nullptr && queue->waiters.size == 0) host.wait_queues.erase(id);
}

void fold(Folding& at, const WaiterAdded& record) {
  HostView& host = at.host();
  if (!record.queue || !record.waiter || host.waiters.contains(record.waiter)) return at.problem();
  WaitQueueView& queue = wait_queue_of(host, record.queue);
  WaiterView& waiter = host.waiters[record.waiter];
  waiter = {record.waiter, record.queue, record.task, record.item, record.exclusive, at.header.at, {}};
  ListEditor(host.waiters, &WaiterView::link).push(queue.waiters, record.waiter, record.at_head);
  if (TaskView* const task = host.tasks.edit(record.task)) ++task->waits_on;
}

void fold(Folding& at, const WaiterRemoved& record) {
  HostView& host = at.host();
  const WaiterView* const waiter = host.waiters.find(record.waiter);
  if (waiter == nullptr || waiter->queue != record.queue) return at.problem();
  if (TaskView* const task = host.tasks.edit(waiter->task); task != nullptr && task->waits_on > 0)
    --task->waits_on;
  WaitQueueView& queue = *host.wait_queues.edit(record.queue);
  ListEditor(host.waiters, &WaiterView::link).remove(queue.waiters, record.waiter);
  host.waiters.erase(record.waiter);
}

void fold(Folding& at, const WakeUp& record) {
  if (!record.queue) return at.problem();
  WaitQueueView& queue = wait_queue_of(at.host(), record.queue);
  ++queue.wakes;
  queue.last_events = record.events, queue.last_called = record.called;
}

void fold(Folding& at, const FutexQueued& record) {
  ProcessView* const process = at.known(at.host().processes, record.process);
  if (process == nullptr) return;
  std::vector<TaskId>& waiting = process->futexes[record.word].waiting;
  if (record.place > waiting.size()) return at.problem();
  waiting.insert(waiting.begin() + record.place, record.task);
}

void fold(Folding& at, const FutexUnqueued& record) {
  ProcessView* const process = at.known(at.host().processes, record.process);
  if (process == nullptr) return;
  FutexView* const futex = at.known(process->futexes, record.word);
  if (futex == nullptr) return;
  if (std::erase(futex->waiting, record.task) == 0) at.problem();
  if (futex->waiting.empty()) process->futexes.erase(record.word);
}

void fold(Folding& at, const MutexQueued& record) {
  at.host().mutexes[record.epoll].waiting.push_back(record.task);
}

void fold(Folding& at, const MutexPassed& record) {
  MutexView* const mutex = at.known(at.host().mutexes, record.epoll);
  if (mutex == nullptr) return;
  if (mutex->waiting.front() != record.task) return at.problem();
  mutex->waiting.erase(mutex->waiting.begin());
  if (mutex->waiting.empty()) at.host().mutexes.erase(record.epoll);
}

void fold(Folding& at, const FileOpened& record) {
  HostView& host = at.host();
  if (!record.file || host.files.contains(record.file)) return at.problem();
  FileView& file = host.files[record.file];
  file.id = record.file, file.kind = record.kind, file.object = record.object;
  if (record.kind == FileKind::kPipe) file.pipe_max_usage = kPipeDefBuffers;
  if (record.kind != FileKind::kSocket) return;
  if (SocketView* const socket = host.sockets.edit(SocketId{record.object})) socket->file = record.file;
}

void fold(Folding& at, const FileReleased& record) {
  HostView& host = at.host();
  const FileView* const file = at.known(host.files, record.file);
  if (file == nullptr) return;
  if (file->kind == FileKind::kSocket) {
    if (SocketView* const socket = host.sockets.edit(SocketId{file->object})) socket->file = {};
  }
  host.files.erase(record.file);
}

void fold(Folding& at, const FdInstalled& record) {
  HostView& host = at.host();
  FileView* const file = at.known(host.files, record.file);
  if (file == nullptr) return;
  if (record.fd < 0) return at.problem();
  ProcessView& process = host.processes[record.process];
  process.id = record.process;
  if (process.descriptors.contains(record.fd)) return at.problem();
  process.descriptors[record.fd] = record.file;
  ++file->descriptors;
}

void fold(Folding& at, const FdClosed& record) {
  HostView& host = at.host();
  ProcessView* const process = at.known(host.processes, record.process);
  if (process == nullptr) return;
  const FileId* const named = process->descriptors.find(record.fd);
  if (named == nullptr) return at.problem();
  FileView* const file = host.files.edit(*named);
  if (file != nullptr && file->descriptors > 0) --file->descriptors;
  process->descriptors.erase(record.fd);
}

void fold(Folding& at, const EventfdChanged& record) {
  if (FileView* const file = at.known(at.host().files, record.file)) file->eventfd_count = record.count;
}

void fold(Folding& at, const TimerfdChanged& record) {
  FileView* const file = at.known(at.host().files, record.file);
  if (file == nullptr) return;
  file->timerfd_ticks = record.ticks;
  file->timerfd_armed_until = record.armed_until;
}

void fold(Folding& at, const PipeChanged& record) {
  HostView& host = at.host();
  if (at.known(host.files, record.file) == nullptr) return;
  for (const FileId end : {record.file, record.other_end}) {
    FileView* const file = host.files.edit(end);
    if (file == nullptr) continue;
    file->pipe_bytes = record.bytes, file->pipe_slots = record.slots, file->pipe_max_usage = record.max_usage;
  }
}

void fold(Folding& at, const UnixQueueChanged& record) {
  FileView* const file = at.known(at.host().files, record.file);
  if (file != nullptr) file->unix_bytes = record.bytes, file->unix_messages = record.messages;
}

}  // namespace stackscope
