#include "reader.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <system_error>
#include <utility>

namespace sonde {
namespace {

// A rest between drains ends after so long, in a flood and else, or sooner where a quarter of the ring would fill
// meanwhile: each costs the wakeup of a cold thread, some 20 µs, and each drain one wakeup by the kernel at most.
constexpr int kMostRestMs = 10;
constexpr int kFloodRestMs = 20;
// In a flood, where a batch fills between two drains, the flush period is so many times as long.
constexpr int kFloodFlush = 2;
// Batches handed over in one call: the JavaScript thread's wakeup costs more than taking one.
constexpr size_t kMostHandedOver = 32;
// Space is handed back so often within a long drain.
constexpr uint64_t kReleaseBytes = 64 * 1024;
// The lease is renewed so often, and nothing waits longer.
constexpr int kRenewMs = 1000;
constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

int Reader::start(int ring_fd, size_t ring_bytes) {
  const int err = ring_.open(ring_fd, ring_bytes);
  if (err != 0) return err;
  event_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event_.valid()) return -errno;
  // Signals belong to the thread that runs JavaScript.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = 0;
  try {
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "sonde-reader");
  } catch (const std::system_error& error) {
    failed = -error.code().value();
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return failed;
}

void Reader::returned(uint32_t count) {
  if (pending_.fetch_sub(count, std::memory_order_acq_rel) >= options_.max_pending) wake();
}

void Reader::finish() {
  Phase running = Phase::kRunning;
  phase_.compare_exchange_strong(running, Phase::kFinishing);
  wake();
}

void Reader::abandon() {
  if (!thread_.joinable()) return;
  phase_.store(Phase::kAbandoned);
  wake();
  thread_.join();
}

void Reader::run() {
  while (phase_.load() == Phase::kRunning) {
    renew();
    const bool had_records = drain(kNoLimit);
    if (holds_some() && now_ms() - flushed_ms_ >= flush_ms()) flush();
    rest(had_records);
  }
  lease_(false);
  // What comes after this moment is not ours: the end must not depend on the traffic's.
  const uint64_t until = ring_.producer();
  while (phase_.load() == Phase::kFinishing && (ring_.position() < until || holds_some())) {
    drain(until);
    flush();
    if (!has_room()) wait(-1, false);
  }
  if (phase_.load() == Phase::kFinishing) sink_(nullptr);
}

void Reader::renew() {
  const int64_t now = now_ms();
  if (now - renewed_ms_ < kRenewMs) return;
  renewed_ms_ = now;
  lease_(true);
}

// Takes records up to `until` while there is room for their batches. True when it took any.
bool Reader::drain(uint64_t until) {
  const uint64_t start = ring_.position();
  uint64_t released = start;
  uint32_t size = 0;
  while (ring_.position() < until && phase_.load(std::memory_order_relaxed) != Phase::kAbandoned) {
    const uint8_t* record = ring_.next(&size);
    if (record == nullptr || !take(record, size)) break;
    ring_.commit();
    if (ring_.position() - released >= kReleaseBytes) {
      ring_.release();
      released = ring_.position();
    }
  }
  ring_.release();
  pace(ring_.position() - start);
  return ring_.position() != start;
}

// False: the record stays in the ring, for too many batches wait already.
bool Reader::take(const uint8_t* entry, uint32_t size) {
  const RingRecord found = ring_record(entry, size);
  if (found.length == 0) return true;  // not one of ours: our programs write no such thing
  if (batch_ && !batch_->fits(found.length, found.filter_set)) {
    if (!has_room()) return false;
    close_batch();
    if ((full_->size() == kMostHandedOver || !has_room()) && !hand_over()) return false;
  }
  if (!batch_) batch_ = std::make_unique<Batch>(pool_, found.filter_set);
  batch_->append(found.record, found.length);
  return true;
}

void Reader::close_batch() {
  batch_->seal();
  full_->push_back(std::move(batch_));
}

// Hands over the full batches or, without any, the open one. Beside full ones it is younger than a flush period.
void Reader::flush() {
  if (batch_ && full_->empty() && has_room()) close_batch();
  if (!full_->empty()) hand_over();
}

bool Reader::hand_over() {
  flushed_ms_ = now_ms();
  pending_.fetch_add(static_cast<uint32_t>(full_->size()), std::memory_order_acq_rel);
  if (sink_(std::exchange(full_, std::make_unique<Handover>()))) return true;
  phase_.store(Phase::kAbandoned);
  return false;
}

// Sets the rest by how fast the ring filled since the last drain.
void Reader::pace(uint64_t taken) {
  const int64_t now = now_ms();
  const uint64_t elapsed = static_cast<uint64_t>(std::max<int64_t>(now - drained_ms_, 1));
  drained_ms_ = now;
  const uint64_t quarter_ms = taken == 0 ? kMostRestMs : ring_.bytes() / 4 * elapsed / taken;
  flood_ = taken >= options_.batch_bytes;
  rest_ms_ = static_cast<int>(std::clamp<uint64_t>(quarter_ms, 1, flood_ ? kFloodRestMs : kMostRestMs));
}

int64_t Reader::flush_ms() const { return int64_t{options_.flush_ms} * (flood_ ? kFloodFlush : 1); }

/*
 * A lone packet is handed over at once (the last flush is long ago); under load a batch waits for its
 * size or flush_ms. While records come we rest without touching the ring, so that the kernel, which wakes
 * only a reader that had caught up, wakes us once per drain and not once per record.
 */
void Reader::rest(bool had_records) {
  if (!has_room()) return wait(kRenewMs, false);
  if (ring_.backlog() > ring_.bytes() / 8) return;
  if (holds_some()) {
    const int64_t due = flushed_ms_ + flush_ms() - now_ms();
    return wait(static_cast<int>(std::clamp<int64_t>(due, 0, rest_ms_)), false);
  }
  wait(had_records ? rest_ms_ : kRenewMs, !had_records);
}

void Reader::wait(int timeout_ms, bool for_ring) {
  struct pollfd fds[2] = {{event_.get(), POLLIN, 0}, {ring_.fd(), POLLIN, 0}};
  if (poll(fds, for_ring ? 2 : 1, timeout_ms) > 0 && (fds[0].revents & POLLIN) != 0) {
    uint64_t count = 0;
    static_cast<void>(!read(event_.get(), &count, sizeof(count)));
  }
}

void Reader::wake() {
  const uint64_t one = 1;
  static_cast<void>(!write(event_.get(), &one, sizeof(one)));
}

}  // namespace sonde
