// Consumer side of one BPF ring buffer (kernel/bpf/ringbuf.c), for one thread.
#pragma once

#include <linux/bpf.h>

#include <cstddef>
#include <cstdint>

#include "unique_fd.h"

namespace sonde {

class Ring {
 public:
  // `bytes` is the map's max_entries. Returns 0 or -errno.
  int open(int map_fd, size_t bytes);
  int fd() const { return fd_; }
  size_t bytes() const { return mask_ + 1; }

  // Next record, or null when there is none. It stays valid until commit().
  inline const uint8_t* next(uint32_t* size);
  // Takes the record that next() gave; the kernel may reuse the space only after release().
  void commit() { position_ = after_; }
  // Tells the kernel how far we are.
  void release();
  // Bytes written and not yet taken.
  uint64_t backlog() const;
  // Bytes the kernel cannot write over yet. Any thread.
  uint64_t waiting() const { return producer() - __atomic_load_n(consumer_, __ATOMIC_ACQUIRE); }
  uint64_t producer() const { return __atomic_load_n(producer_, __ATOMIC_ACQUIRE); }
  uint64_t position() const { return position_; }

 private:
  /*
   * Asks for the lines that lie a few records on, as many as the record at hand has: another CPU wrote them, and
   * since a record tells where the next one is, each would be waited for by itself. Not where the writer is still at work.
   */
  void prefetch(uint64_t bytes) const {
    const uint64_t ahead = position_ + kAhead;
    if (ahead + bytes > seen_) return;
    for (uint64_t at = 0; at < bytes; at += kLine) __builtin_prefetch(data_ + (ahead & mask_) + at);
  }

  static constexpr uint64_t kAhead = 2048;
  static constexpr uint64_t kLine = 64;

  int fd_ = -1;
  UniqueMap consumer_page_;
  UniqueMap producer_pages_;
  uint64_t* consumer_ = nullptr;
  const uint64_t* producer_ = nullptr;
  const uint8_t* data_ = nullptr;
  size_t mask_ = 0;
  uint64_t position_ = 0;
  uint64_t after_ = 0;
  uint64_t seen_ = 0;  // the producer as last looked at: its line belongs to the CPU that writes
};

// Inline with everything below it: at some 20 ns a record each call would show.
const uint8_t* Ring::next(uint32_t* size) {
  while (position_ < seen_ || position_ < (seen_ = producer())) {
    const uint8_t* header = data_ + (position_ & mask_);
    const uint32_t word = __atomic_load_n(reinterpret_cast<const uint32_t*>(header), __ATOMIC_ACQUIRE);
    if ((word & BPF_RINGBUF_BUSY_BIT) != 0) return nullptr;
    const uint32_t length = word & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
    after_ = position_ + ((length + BPF_RINGBUF_HDR_SZ + 7) & ~7ull);
    prefetch(after_ - position_);
    if ((word & BPF_RINGBUF_DISCARD_BIT) == 0) {
      *size = length;
      return header + BPF_RINGBUF_HDR_SZ;
    }
    commit();
  }
  return nullptr;
}

}  // namespace sonde
