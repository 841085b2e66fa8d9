#pragma once
// What descriptors, eventfds, timerfds, pipes and poll(2) charge.

#include "kernel_model/costs/cost.hpp"

namespace stackscope {

struct FileCosts {
  Cost fd_lookup, fd_install, fd_close, file_open, file_release;
  Cost eventfd_create, eventfd_read, eventfd_write, eventfd_poll;
  Cost timerfd_create, timerfd_settime, timerfd_gettime, timerfd_read, timerfd_poll;
  Cost pipe_create, pipe_read, pipe_write, pipe_slot, pipe_poll, pipe_resize;
  CostPerByte pipe_copy;
  Cost poll, poll_fd, poll_register, poll_unregister;

  void describe(auto&& field) {
    field("fd_lookup", fd_lookup, "from a descriptor to its file, and to let go of it");
    field("fd_install", fd_install, "to find the lowest free descriptor and point it at a file");
    field("fd_close", fd_close, "to free a descriptor, without releasing its file");
    field("file_open", file_open, "to make an open file description");
    field("file_release", file_release, "to free one, without the object behind it");
    field("eventfd_create", eventfd_create, "to make an eventfd's counter");
    field("eventfd_read", eventfd_read, "to take an eventfd's counter, without waking");
    field("eventfd_write", eventfd_write, "to add to an eventfd's counter, without waking");
    field("eventfd_poll", eventfd_poll, "to ask an eventfd what is ready");
    field("timerfd_create", timerfd_create, "to make a timerfd's timer");
    field("timerfd_settime", timerfd_settime, "to set a timerfd, without arming its timer");
    field("timerfd_gettime", timerfd_gettime, "to ask how much of a timerfd's time is left");
    field("timerfd_read", timerfd_read, "to take a timerfd's ticks, without arming its timer again");
    field("timerfd_poll", timerfd_poll, "to ask a timerfd what is ready");
    field("pipe_create", pipe_create, "to make a pipe and the open file descriptions of its ends");
    field("pipe_read", pipe_read, "to read from a pipe's first page, without copying and waking");
    field("pipe_write", pipe_write, "to write to a pipe's first page, without copying and waking");
    field("pipe_slot", pipe_slot, "for each further page that the same read or write takes or gives");
    field("pipe_copy", pipe_copy, "to copy a byte into a pipe or out of it");
    field("pipe_poll", pipe_poll, "to ask a pipe's end what is ready");
    field("pipe_resize", pipe_resize, "to change a pipe's size");
    field("poll", poll, "poll(2) before and after its descriptors");
    field("poll_fd", poll_fd, "poll(2)'s own work for a descriptor, without asking its file");
    field("poll_register", poll_register, "to hook poll(2) into a file, without the wait queue's share");
    field("poll_unregister", poll_unregister, "to unhook it again");
  }
};

}  // namespace stackscope
