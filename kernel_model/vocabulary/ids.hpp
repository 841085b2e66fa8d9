#pragma once
// Who is who: identities that records, views and programs share. Ordinals per host, never reused.

#include "sim/id.hpp"

namespace stackscope {

using TaskId = Id<struct TaskTag>;        // a thread; Linux: task_struct
using ProcessId = Id<struct ProcessTag>;  // threads with one descriptor table; Linux: files_struct
using FileId = Id<struct FileTag>;        // an open file description; Linux: struct file
using SocketId = Id<struct SocketTag>;    // Linux: struct sock, listeners included
using EpollId = Id<struct EpollTag>;      // an epoll instance; Linux: struct eventpoll
using ItemId = Id<struct ItemTag>;        // a watched file in an instance; Linux: struct epitem
using WaitQueueId = Id<struct WaitQueueTag>;
using WaiterId = Id<struct WaiterTag>;  // an entry in a wait queue; Linux: wait_queue_entry
using TimerId = Id<struct TimerTag>;
using QueueId = Id<struct QueueTag>;  // a queue of a NIC
using NapiId = Id<struct NapiTag>;
using PacketId = Id<struct PacketTag>;  // Linux: sk_buff; per simulation, so that both ends name it alike
using StreamId = Id<struct StreamTag>;  // one direction of a connection's bytes; per simulation
using LockId = Id<struct LockTag>;

}  // namespace stackscope
