#pragma once
// How records change views: one small function a kind, in a file a family. Adding one: declare it here, define it in its
// family's file; the table of kinds finds it by overload.

#include <cstdint>
#include <string_view>

#include "analysis/simulation_view.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

/// Where a record is being folded. A fold function changes what the record names, or calls problem() and changes nothing.
class Folding {
 public:
  Folding(SimulationView& to, HostView* at, RecordId record, const RecordHeader& record_header)
      : simulation(to), id(record), header(record_header), host_(at) {}

  SimulationView& simulation;
  const RecordId id;
  const RecordHeader& header;

  /// Where the record was emitted. REQUIRES: its kind needs a host (fold_table.cpp).
  HostView& host() { return *host_; }
  /// The CPU where the record was emitted; null and a problem where there is none.
  CpuView* cpu();
  /// What an id names, in a page to write to; null and a problem where nobody introduced it.
  template <class Map, class IdType>
  auto* known(Map& map, IdType key) {
    auto* const found = map.edit(key);
    if (found == nullptr) problem();
    return found;
  }
  /// The record cannot be right.
  void problem();

 private:
  HostView* host_;
};

// --- cpu_fold.cpp ------------------------------------------------------------------------------------------------
void fold(Folding& at, const HostStarted& record);
void fold(Folding& at, const IrqHandlerEntry& record);
void fold(Folding& at, const IrqHandlerExit& record);
void fold(Folding& at, const SoftirqRaise& record);
void fold(Folding& at, const SoftirqEntry& record);
void fold(Folding& at, const SoftirqExit& record);
void fold(Folding& at, const CpuIdle& record);
void fold(Folding& at, const SchedSwitch& record);
void fold(Folding& at, const NapiScheduled& record);
void fold(Folding& at, const NapiComplete& record);
void fold(Folding& at, const NapiPoll& record);
void fold(Folding& at, const NetifRx& record);
void fold(Folding& at, const NetifReceiveSkb& record);
void fold(Folding& at, const KfreeSkb& record);

// --- task_fold.cpp -------------------------------------------------------------------------------------------------
void fold(Folding& at, const TaskCreated& record);
void fold(Folding& at, const TaskExited& record);
void fold(Folding& at, const TaskScheduling& record);
void fold(Folding& at, const SchedWaking& record);
void fold(Folding& at, const SchedWakeup& record);
void fold(Folding& at, const SchedWakeupNew& record);
void fold(Folding& at, const SchedMigrate& record);
void fold(Folding& at, const Waited& record);
void fold(Folding& at, const HrtimerStart& record);
void fold(Folding& at, const HrtimerCancel& record);
void fold(Folding& at, const HrtimerExpire& record);
void fold(Folding& at, const ProgramNote& record);
void fold(Folding& at, const RequestMark& record);
void enter_call(Folding& at, TaskId task, std::string_view call);
void exit_call(Folding& at, TaskId task, std::int64_t ret);
template <FixedText kCall, FixedText... kArguments>
void fold(Folding& at, const SysEnter<kCall, kArguments...>& record) {
  enter_call(at, record.task, record.kCallName);
}
template <FixedText kCall>
void fold(Folding& at, const SysExit<kCall>& record) {
  exit_call(at, record.task, record.ret);
}

// --- wait_fold.cpp -------------------------------------------------------------------------------------------------
void fold(Folding& at, const WaiterAdded& record);
void fold(Folding& at, const WaiterRemoved& record);
void fold(Folding& at, const WakeUp& record);
void fold(Folding& at, const FutexQueued& record);
void fold(Folding& at, const FutexUnqueued& record);
void fold(Folding& at, const MutexQueued& record);
void fold(Folding& at, const MutexPassed& record);
void fold(Folding& at, const FileOpened& record);
void fold(Folding& at, const FileReleased& record);
void fold(Folding& at, const FdInstalled& record);
void fold(Folding& at, const FdClosed& record);
void fold(Folding& at, const EventfdChanged& record);
void fold(Folding& at, const TimerfdChanged& record);
void fold(Folding& at, const PipeChanged& record);
void fold(Folding& at, const UnixQueueChanged& record);

// --- epoll_fold.cpp and tree_fold.cpp --------------------------------------------------------------------------------
void fold(Folding& at, const EpollCreated& record);
void fold(Folding& at, const EpollDestroyed& record);
void fold(Folding& at, const EpollItemAdded& record);
void fold(Folding& at, const EpollItemModified& record);
void fold(Folding& at, const EpollItemRemoved& record);
void fold(Folding& at, const EpollListed& record);
void fold(Folding& at, const EpollUnlisted& record);
void fold(Folding& at, const EpollScanBegan& record);
void fold(Folding& at, const EpollScanEnded& record);
void fold(Folding& at, const EpollReported& record);
void fold(Folding& at, const TreeLinked& record);
void fold(Folding& at, const TreeRotated& record);
void fold(Folding& at, const TreeColoured& record);
void fold(Folding& at, const TreeSpliced& record);

// --- nic_fold.cpp --------------------------------------------------------------------------------------------------
void fold(Folding& at, const LinkSent& record);
void fold(Folding& at, const LinkDelivered& record);
void fold(Folding& at, const FrameArrived& record);
void fold(Folding& at, const FrameDropped& record);
void fold(Folding& at, const RxRingTaken& record);
void fold(Folding& at, const NicInterrupt& record);
void fold(Folding& at, const NicInterruptMask& record);
void fold(Folding& at, const TxRingQueued& record);
void fold(Folding& at, const TxRingCompleted& record);

// --- socket_fold.cpp -------------------------------------------------------------------------------------------------
void fold(Folding& at, const SocketCreated& record);
void fold(Folding& at, const SocketGrafted& record);
void fold(Folding& at, const SocketDestroyed& record);
void fold(Folding& at, const SocketNamed& record);
void fold(Folding& at, const InetSockSetState& record);
void fold(Folding& at, const TimeWaitBegan& record);
void fold(Folding& at, const TimeWaitSubstate& record);
void fold(Folding& at, const SkDataReady& record);
void fold(Folding& at, const SkWriteSpace& record);
void fold(Folding& at, const SocketOwned& record);
void fold(Folding& at, const SocketBacklog& record);
void fold(Folding& at, const SockSendLength& record);
void fold(Folding& at, const SockRecvLength& record);
void fold(Folding& at, const ListenQueues& record);
void fold(Folding& at, const Accepted& record);
void fold(Folding& at, const UdpQueued& record);
void fold(Folding& at, const UdpRead& record);
void fold(Folding& at, const UdpFailQueueRcvSkb& record);

// --- tcp_fold.cpp --------------------------------------------------------------------------------------------------
void fold(Folding& at, const TcpProbe& record);
void fold(Folding& at, const TcpRcvSpaceAdjust& record);
void fold(Folding& at, const SocketBuffers& record);
void fold(Folding& at, const TcpCongestion& record);
void fold(Folding& at, const TcpSendSequence& record);
void fold(Folding& at, const TcpReceiveSequence& record);
void fold(Folding& at, const TcpAckMode& record);
void fold(Folding& at, const TcpRtt& record);
void fold(Folding& at, const TimerStart& record);
void fold(Folding& at, const TimerCancel& record);
void fold(Folding& at, const TimerExpire& record);

/// A wait queue comes to be with the first record that names it: those of eventfds are not announced.
WaitQueueView& wait_queue_of(HostView& host, WaitQueueId id);
/// A wait queue whose owner is gone is forgotten, unless somebody still waits there.
void drop_wait_queue_if_unused(HostView& host, WaitQueueId id);
/// An item that is removed, and neither in the tree nor on a list any more, is gone.
void drop_if_unused(HostView& host, ItemId item);

}  // namespace stackscope
