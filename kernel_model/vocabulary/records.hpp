#pragma once
// The list of all records. Adding one: write the struct in its module's file, name it here.

#include "kernel_model/vocabulary/call_records.hpp"
#include "kernel_model/vocabulary/cpu_records.hpp"
#include "kernel_model/vocabulary/file_records.hpp"
#include "kernel_model/vocabulary/net_records.hpp"
#include "kernel_model/vocabulary/time_wait_records.hpp"
#include "kernel_model/vocabulary/udp_records.hpp"
#include "sim/record.hpp"

namespace stackscope {

using Records = RecordList<
    // CPUs
    HostStarted, IrqHandlerEntry, IrqHandlerExit, SoftirqRaise, SoftirqEntry, SoftirqExit, IpiSend, CpuIdle,
    TaskCreated, TaskExited, SchedWaking, SchedWakeup, SchedWakeupNew, SchedMigrate, SchedSwitch, Waited,
    WaiterAdded, WaiterRemoved, WakeUp, FutexQueued, FutexUnqueued, MutexQueued, MutexPassed,
    // files, epoll, timers
    FileOpened, FileReleased, FdInstalled, FdClosed, EventfdChanged, TimerfdChanged, EpollCreated,
    EpollDestroyed, EpollItemAdded, EpollItemModified, EpollItemRemoved, TreeLinked, TreeRotated,
    TreeColoured, TreeSpliced, EpollListed, EpollUnlisted, EpollScanBegan, EpollScanEnded, EpollReported,
    TimerStart, TimerCancel, TimerExpire, HrtimerStart, HrtimerCancel, HrtimerExpire,
    // network
    LinkSent, LinkDelivered, FrameArrived, FrameDropped, RxRingTaken, NicInterrupt, NicInterruptMask,
    TxRingQueued, TxRingCompleted, NetDevQueue, NetDevStartXmit, NetDevXmit, NetifRx, NetifReceiveSkb,
    NapiScheduled, NapiComplete, NapiPoll, KfreeSkb, SocketCreated, SocketGrafted, SocketDestroyed,
    SocketNamed, InetSockSetState, SkDataReady, SkWriteSpace, SocketOwned, SocketBacklog, SockSendLength,
    SockRecvLength, TcpSendmsgLocked, TcpProbe, TcpRcvSpaceAdjust, SocketBuffers, TcpCongestion,
    TcpSendSequence, TcpReceiveSequence, TcpAckMode, TcpRtt, ListenQueues, Accepted,
    // system calls
    call::Readv::Enter, call::Readv::Exit, call::Writev::Enter, call::Writev::Exit, call::Dup2::Enter,
    call::Dup2::Exit, call::Dup3::Enter, call::Dup3::Exit, call::Ioctl::Enter, call::Ioctl::Exit,
    call::Pipe2::Enter, call::Pipe2::Exit, call::TimerfdCreate::Enter, call::TimerfdCreate::Exit,
    call::TimerfdSettime::Enter, call::TimerfdSettime::Exit, call::TimerfdGettime::Enter,
    call::TimerfdGettime::Exit, call::Read::Enter, call::Read::Exit, call::Write::Enter, call::Write::Exit,
    call::Close::Enter, call::Close::Exit, call::Dup::Enter, call::Dup::Exit, call::Fcntl::Enter,
    call::Fcntl::Exit, call::EpollCreate1::Enter, call::EpollCreate1::Exit, call::EpollCtl::Enter,
    call::EpollCtl::Exit, call::EpollWait::Enter, call::EpollWait::Exit, call::Poll::Enter, call::Poll::Exit,
    call::Eventfd2::Enter, call::Eventfd2::Exit, call::Socket::Enter, call::Socket::Exit, call::Bind::Enter,
    call::Bind::Exit, call::Listen::Enter, call::Listen::Exit, call::Accept4::Enter, call::Accept4::Exit,
    call::Connect::Enter, call::Connect::Exit, call::Getsockname::Enter, call::Getsockname::Exit,
    call::Setsockopt::Enter, call::Setsockopt::Exit, call::Getsockopt::Enter, call::Getsockopt::Exit,
    call::Shutdown::Enter, call::Shutdown::Exit, call::Futex::Enter, call::Futex::Exit,
    call::ClockNanosleep::Enter, call::ClockNanosleep::Exit, call::SchedYield::Enter, call::SchedYield::Exit,
    call::SchedSetaffinity::Enter, call::SchedSetaffinity::Exit,
    // programs
    ProgramNote, RequestMark,
    // pipes
    PipeChanged,
    // more system calls, and what programs say
    call::SchedSetscheduler::Enter, call::SchedSetscheduler::Exit, call::EpollPwait2::Enter,
    call::EpollPwait2::Exit, call::Ppoll::Enter, call::Ppoll::Exit, call::Pselect6::Enter,
    call::Pselect6::Exit, call::Socketpair::Enter, call::Socketpair::Exit, call::Getpeername::Enter,
    call::Getpeername::Exit, call::Sendto::Enter, call::Sendto::Exit, call::Recvfrom::Enter,
    call::Recvfrom::Exit, call::Sendmsg::Enter, call::Sendmsg::Exit, call::Recvmsg::Enter,
    call::Recvmsg::Exit, call::Clone::Enter, call::Clone::Exit, call::Wait4::Enter, call::Wait4::Exit,
    call::Kill::Enter, call::Kill::Exit, call::Getpid::Enter, call::Getpid::Exit, call::Gettid::Enter,
    call::Gettid::Exit, call::ExitGroup::Enter, call::ExitGroup::Exit, ProgramPrinted, ProgramLogged,
    ProgramMark,
    // more of threads
    TaskScheduling,
    // Unix sockets
    UnixQueueChanged,
    // UDP
    UdpSocketCreated, UdpQueued, UdpRead, UdpFailQueueRcvSkb,
    // TIME_WAIT
    TimeWaitBegan, TimeWaitSubstate>;

template <class R>
  requires ListedIn<R, Records>
struct KindOf<R> : IndexIn<R, Records> {};

}  // namespace stackscope
