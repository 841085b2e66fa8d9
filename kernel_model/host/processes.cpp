// How processes and threads begin and end.

#include "kernel_model/host/processes.hpp"

#include <climits>
#include <sys/epoll.h>

namespace stackscope {

Processes::Processes(Scheduler& scheduler, Files& files) : scheduler_(scheduler), files_(files) {
  scheduler_.set_fatal_signal_handler(this, [](void* self) {
    auto& processes = *static_cast<Processes*>(self);
    processes.exit_thread(processes.of(processes.scheduler_.current()).group_exit.value_or(0));
  });
}

Process& Processes::create() {
  return *processes_.emplace_back(std::make_unique<Process>(ids_.next(), scheduler_, files_));
}

Process& Processes::create_child(Process& parent) {
  Process& child = *processes_.emplace_back(std::make_unique<Process>(ids_.next(), scheduler_, parent));
  parent.children.push_back(&child);
  return child;
}

Task& Processes::create_thread(Process& process, TaskAttributes attributes, std::function<void()> body) {
  attributes.process = process.id;
  ++live_, ++process.live, ++process.present;
  Task& task = scheduler_.prepare(std::move(attributes), [this, body = std::move(body)] {
    body();
    exit_thread(0);
  });
  const int tid = static_cast<int>(task.id().value);
  process.threads_by_tid.emplace(tid, Process::Thread{&task, task.id().value});
  if (process.group == 0) process.group = tid;
  scheduler_.wake_up_new(task);
  return task;
}

// --- the end ---------------------------------------------------------------------------------------------------------

void Processes::exit_group(int status) {
  Process& process = of(scheduler_.current());
  if (!process.group_exit) begin_group_exit(process, status, &scheduler_.current());
  exit_thread(*process.group_exit);
}

// Who has begun to end is left alone, and so is `spared`, who ends by himself. Linux: zap_other_threads()
void Processes::begin_group_exit(Process& process, int status, const Task* spared) {
  process.group_exit = status;
  for (const auto& [tid, thread] : process.threads_by_tid) {
    if (thread.task != spared) scheduler_.send_fatal_signal(*thread.task);
  }
}

// Linux: do_exit(): exit_signals(), exit_mm(), exit_files(), exit_notify(), do_task_dead()
void Processes::exit_thread(int status) {
  Task& task = scheduler_.current();
  Process& process = of(task);
  scheduler_.begin_exit();
  --live_;
  if (--process.live == 0) process.status = process.group_exit.value_or(status);
  const int tid = static_cast<int>(task.id().value);
  process.threads_by_tid.find(tid)->second.word = 0;
  if (process.futexes.is_awaited(Process::join_word(tid)))
    process.futexes.wake(Process::join_word(tid), INT_MAX);
  if (process.present == 1) {
    scheduler_.cpu().charge(scheduler_.costs().process_exit);
    process.fds.close_all();
  }
  if (--process.present == 0) end(process);
  scheduler_.exit_current();
}

// Linux: exit_notify(): forget_original_parent(), then do_notify_parent()
void Processes::end(Process& process) {
  for (Process* child : process.children) {
    child->parent = nullptr;
    if (child->state == Process::State::kZombie) child->state = Process::State::kReaped;
  }
  process.children.clear();
  process.state = process.parent != nullptr ? Process::State::kZombie : Process::State::kReaped;
  if (process.parent == nullptr) return;
  WaitQueue* const waiting = process.parent->wait_chldexit.get();
  if (waiting != nullptr && waiting->is_active()) waiting->wake_up(0, 1, true);
}

// Linux: glibc's pthread_join(), which sleeps on the word that the kernel clears at the thread's end
int Processes::join(Process& process, int tid) {
  const auto found = process.threads_by_tid.find(tid);
  if (found == process.threads_by_tid.end()) return -ESRCH;
  const Process::Thread& thread = found->second;
  const auto running = static_cast<std::uint32_t>(tid);
  const int result = process.futexes.wait(Process::join_word(tid), thread.word, running, Futexes::kForever);
  return result == -EINTR ? -EINTR : 0;
}

}  // namespace stackscope
