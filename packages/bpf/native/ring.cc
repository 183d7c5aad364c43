#include "ring.h"

#include <sys/mman.h>

namespace sonde {

int Ring::open(int map_fd, size_t bytes) {
  const size_t page = static_cast<size_t>(getpagesize());
  int err = consumer_page_.map(map_fd, page, PROT_READ | PROT_WRITE, 0);
  if (err != 0) return err;
  // The kernel maps the data twice in a row, so that no record is ever split.
  err = producer_pages_.map(map_fd, page + 2 * bytes, PROT_READ, page);
  if (err != 0) return err;
  fd_ = map_fd;
  mask_ = bytes - 1;
  consumer_ = static_cast<uint64_t*>(consumer_page_.at());
  producer_ = static_cast<const uint64_t*>(producer_pages_.at());
  data_ = static_cast<const uint8_t*>(producer_pages_.at()) + page;
  position_ = seen_ = __atomic_load_n(consumer_, __ATOMIC_ACQUIRE);
  return 0;
}

void Ring::release() {
  // Ordered before any later look at the producer: either we see its record, or it sees that we had
  // caught up and wakes us.
  __atomic_store_n(consumer_, position_, __ATOMIC_SEQ_CST);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

uint64_t Ring::backlog() const { return producer() - position_; }

}  // namespace sonde
