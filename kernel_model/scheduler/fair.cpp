#include "kernel_model/scheduler/fair.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace stackscope {

namespace {

constexpr std::int64_t kNormalizedBaseSlice = 700'000;  // normalized_sysctl_sched_base_slice

/// Linux: protect_slice()
bool is_protected(const FairEntity& entity) { return entity.vruntime < entity.vprot; }

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

}  // namespace

FairTunables FairTunables::for_machine(unsigned cpus, Hz hz) {
  assert(cpus >= 1);
  const auto factor = std::bit_width(std::min(cpus, 8u));  // 1 + ilog2
  return {kNormalizedBaseSlice * static_cast<std::int64_t>(factor), 1'000'000'000 / hz.value};
}

// --- the average, and who is eligible
// ---------------------------------------------------------------------------------

void FairRunQueue::insert(FairEntity& entity) {
  sum_w_vruntime_ += (entity.vruntime - zero_vruntime_) * entity.load.weight;
  sum_weight_ += entity.load.weight;
  timeline_.insert(entity);
}

void FairRunQueue::erase(FairEntity& entity) {
  timeline_.erase(entity);
  sum_w_vruntime_ -= (entity.vruntime - zero_vruntime_) * entity.load.weight;
  sum_weight_ -= entity.load.weight;
}

std::int64_t FairRunQueue::avg_vruntime() {
  std::int64_t delta = 0;
  if (sum_weight_ != 0) {
    std::int64_t sum = sum_w_vruntime_, weight = sum_weight_;
    if (has_queued_current()) {
      sum += (current_->vruntime - zero_vruntime_) * current_->load.weight;
      weight += current_->load.weight;
    }
    delta = floor_div(sum, weight);
  } else if (has_queued_current()) {
    delta = current_->vruntime - zero_vruntime_;  // alone, it is the average
  }
  sum_w_vruntime_ -= sum_weight_ * delta;  // Linux: update_zero_vruntime()
  zero_vruntime_ += delta;
  return zero_vruntime_;
}

/// Compares products, for the quotient's rounding would misjudge those that are close to the average.
bool FairRunQueue::vruntime_eligible(std::int64_t vruntime) const {
  std::int64_t sum = sum_w_vruntime_, weight = sum_weight_;
  if (has_queued_current()) {
    sum += (current_->vruntime - zero_vruntime_) * current_->load.weight;
    weight += current_->load.weight;
  }
  return sum >= (vruntime - zero_vruntime_) * weight;
}

/// Linux: cfs_rq_min_slice()
std::int64_t FairRunQueue::min_slice() const {
  std::int64_t least = has_queued_current() ? current_->slice : INT64_MAX;
  if (timeline_.root()) least = std::min(least, timeline_.root()->node.min_slice);
  return least;
}

/// Linux: cfs_rq_max_slice()
std::int64_t FairRunQueue::max_slice() const {
  std::int64_t most = has_queued_current() ? current_->slice : 0;
  if (timeline_.root()) most = std::max(most, timeline_.root()->node.max_slice);
  return most;
}

std::int64_t FairRunQueue::lag(const FairEntity& entity) {
  const std::int64_t limit = calc_delta_fair(max_slice() + tunables_.tick, entity);
  return std::clamp(avg_vruntime() - entity.vruntime, -limit, limit);
}

// --- coming and going
// -------------------------------------------------------------------------------------------------

/// Gives an entity that joins its vruntime and deadline. Its lag is what it left with, made larger by as much
/// as its joining will move the average: so that, once it is on the queue, it has the lag it had.
void FairRunQueue::place(FairEntity& entity, bool initial) {
  const std::int64_t average = avg_vruntime();
  if (!entity.custom_slice) entity.slice = tunables_.base_slice;
  std::int64_t lag = 0;
  if (queued_ != 0 && entity.vlag != 0) {
    std::int64_t load = sum_weight_;
    if (has_queued_current()) load += current_->load.weight;
    lag = entity.vlag * (load + entity.load.weight) / std::max<std::int64_t>(load, 1);
  }
  entity.vruntime = average - lag;
  if (entity.rel_deadline) {
    entity.deadline += entity.vruntime;
    entity.rel_deadline = false;
    return;
  }
  std::int64_t virtual_slice = calc_delta_fair(entity.slice, entity);
  if (initial) virtual_slice /= 2;  // new tasks ease into the competition
  entity.deadline = entity.vruntime + virtual_slice;
}

void FairRunQueue::enqueue(FairEntity& entity, Enqueue why, Instant now) {
  if (entity.sched_delayed) return requeue_delayed(entity);
  assert(!entity.on_rq);
  const bool is_current = current_ == &entity;
  if (is_current) place(entity, why == Enqueue::kNew);  // before its running is accounted
  update_curr(now);
  if (!is_current) place(entity, why == Enqueue::kNew);
  ++queued_;
  if (!is_current) insert(entity);
  entity.on_rq = true;
}

/// Woken before its debt was paid. What it still owes it keeps; a surplus, which sleeping cannot earn, is
/// dropped.
void FairRunQueue::requeue_delayed(FairEntity& entity) {
  entity.vlag = lag(entity);
  if (entity.vlag > 0) {
    const bool in_tree = current_ != &entity;
    --queued_;
    if (in_tree) erase(entity);
    entity.vlag = 0;
    place(entity, false);
    if (in_tree) insert(entity);
    ++queued_;
  }
  entity.sched_delayed = false;
  --delayed_;
}

bool FairRunQueue::dequeue(FairEntity& entity, Dequeue why, Instant now) {
  assert(entity.on_rq && !entity.sched_delayed);
  update_curr(now);
  if (why == Dequeue::kSleep && !is_eligible(entity)) {
    entity.sched_delayed = true;
    ++delayed_;
    return false;
  }
  remove(entity, why);
  return true;
}

void FairRunQueue::remove(FairEntity& entity, Dequeue why) {
  entity.vlag = lag(entity);
  if (current_ != &entity) erase(entity);  // the tree finds it by its deadline
  if (why == Dequeue::kMove) {
    entity.deadline -= entity.vruntime;
    entity.rel_deadline = true;
  }
  entity.on_rq = false;
  --queued_;
}

void FairRunQueue::finish_delayed(FairEntity& entity, Instant now) {
  assert(entity.sched_delayed);
  update_curr(now);
  remove(entity, Dequeue::kSleep);
  entity.sched_delayed = false;
  --delayed_;
  entity.vlag = std::min<std::int64_t>(entity.vlag, 0);
}

// --- running
// ----------------------------------------------------------------------------------------------------------

void FairRunQueue::update_curr(Instant now) {
  if (!current_) return;
  FairEntity& entity = *current_;
  const Duration ran = now - entity.exec_start;
  if (ran <= Duration{}) return;
  entity.exec_start = now;
  entity.sum_exec_runtime += ran;
  entity.vruntime += calc_delta_fair(ran.count(), entity);
  const bool slice_used = update_deadline(entity);
  if (queued_ == 1) return;  // nobody to make room for
  if (slice_used || !is_protected(entity)) needs_resched_ = true;
}

/// A slice that is used up is followed by the next. Linux: update_deadline()
bool FairRunQueue::update_deadline(FairEntity& entity) {
  if (entity.vruntime < entity.deadline) return false;
  if (!entity.custom_slice) entity.slice = tunables_.base_slice;
  entity.deadline = entity.vruntime + calc_delta_fair(entity.slice, entity);
  avg_vruntime();
  return true;
}

void FairRunQueue::tick(Instant now) {
  update_curr(now);
  avg_vruntime();  // keys stay small though nobody comes or goes
}

/// Once picked, an entity runs undisturbed for its slice, or the shortest slice that anybody on the queue
/// asks for. Linux: set_protect_slice()
void FairRunQueue::set_protect_slice(FairEntity& entity) const {
  entity.vprot = entity.deadline;
  const std::int64_t slice = std::min(min_slice(), entity.slice);
  if (slice != entity.slice) {
    entity.vprot = std::min(entity.deadline, entity.vruntime + calc_delta_fair(slice, entity));
  }
}

/// Linux: update_protect_slice()
void FairRunQueue::shorten_protection(FairEntity& entity) const {
  entity.vprot = std::min(entity.vprot, entity.vruntime + calc_delta_fair(min_slice(), entity));
}

/// Linux: __pick_eevdf()
FairEntity* FairRunQueue::pick_eevdf(bool protect) const {
  if (queued_ == 1) return has_queued_current() ? current_ : timeline_.first();
  FairEntity* running = has_queued_current() && is_eligible(*current_) ? current_ : nullptr;
  if (running && protect && is_protected(*running)) return running;
  FairEntity* best =
      timeline_.first_eligible([this](std::int64_t vruntime) { return vruntime_eligible(vruntime); });
  return !best || (running && running->deadline < best->deadline) ? running : best;
}

FairEntity* FairRunQueue::pick_next(Instant now) {
  needs_resched_ = false;
  while (queued_ != 0) {
    if (has_queued_current()) update_curr(now);
    FairEntity* picked = pick_eevdf(true);
    assert(picked);
    if (!picked->sched_delayed) {
      needs_resched_ = false;
      return picked;
    }
    finish_delayed(*picked, now);
  }
  return nullptr;
}

void FairRunQueue::put_prev(Instant now) {
  if (!current_) return;
  if (current_->on_rq) {
    update_curr(now);
    insert(*current_);
  }
  current_ = nullptr;
  needs_resched_ = false;
}

void FairRunQueue::set_next(FairEntity& entity, Instant now) {
  assert(!current_);
  if (entity.on_rq) {
    erase(entity);
    set_protect_slice(entity);
  }
  entity.exec_start = now;
  current_ = &entity;
}

bool FairRunQueue::wakeup_preempt(FairEntity& woken, Instant now) {
  if (!current_ || &woken == current_ || needs_resched_) return needs_resched_;
  if (current_->idle_policy != woken.idle_policy) {
    if (!current_->idle_policy) return false;
    current_->vprot = std::min(current_->vprot, current_->vruntime);  // Linux: cancel_protect_slice()
    return needs_resched_ = true;
  }
  if (woken.batch_or_idle) return false;
  update_curr(now);
  const bool is_shorter = woken.slice < current_->slice;
  if (pick_eevdf(!is_shorter) == &woken) {
    if (is_shorter) current_->vprot = std::min(current_->vprot, current_->vruntime);
    return needs_resched_ = true;
  }
  if (is_shorter) shorten_protection(*current_);
  return needs_resched_;
}

void FairRunQueue::yield(Instant now) {
  if (!current_ || queued_ == 1) return;
  update_curr(now);
  // Only the eligible pay: one that already had too much would otherwise run away from all others.
  if (!is_eligible(*current_)) return;
  current_->vruntime = current_->deadline;
  current_->deadline += calc_delta_fair(current_->slice, *current_);
}

void FairRunQueue::reweight(FairEntity& entity, LoadWeight load, Instant now) {
  const bool is_current = current_ == &entity;
  bool keeps_protection = false;
  if (entity.on_rq) {
    update_curr(now);
    entity.vlag = lag(entity);
    if (is_current && is_protected(entity)) {
      entity.vprot -= entity.vruntime;
      keeps_protection = true;
    }
    if (!is_current) erase(entity);
    entity.deadline -= entity.vruntime;
    entity.rel_deadline = true;
    --queued_;
  }
  // Lag and deadline are virtual: the same real time is more of it for a lighter task.
  const auto rescale = [&](std::int64_t v) { return v * entity.load.weight / load.weight; };
  entity.vlag = rescale(entity.vlag);
  if (entity.rel_deadline) entity.deadline = rescale(entity.deadline);
  if (keeps_protection) entity.vprot = rescale(entity.vprot);
  entity.load = load;
  if (!entity.on_rq) return;
  place(entity, false);
  if (keeps_protection) entity.vprot += entity.vruntime;
  if (!is_current) insert(entity);
  ++queued_;
}

}  // namespace stackscope
