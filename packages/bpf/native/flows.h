// What the programs count by flow (include/engine.h): taken out side by side while they count on.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../include/engine.h"
#include "unique_fd.h"

namespace sonde {

// Boot time and jiffies64 of one moment, and how long a jiffy is.
struct Tick {
  uint64_t now_ns;
  uint64_t now;
  uint64_t ns;

  uint64_t boottime(uint64_t jiffies) const { return now_ns + (jiffies - now) * ns; }
  uint64_t jiffies(uint64_t boottime) const { return now + static_cast<int64_t>(boottime - now_ns) / static_cast<int64_t>(ns); }
};

class FlowTables {
 public:
  // File descriptors stay the caller's. Returns 0 or -errno.
  int open(int tables_fd, int side_a_fd, int side_b_fd, size_t cpus);
  // Appends what the given side holds and empties it. No program may be counting there. Returns 0 or -errno.
  int take(uint32_t side, const Tick& tick, std::vector<sonde_flow>* flows);
  void close() { tables_ = UniqueMap(); }
  // Flows found in a side's hash map when it was last emptied. Any thread.
  uint32_t mapped(uint32_t side) const { return mapped_[side].load(std::memory_order_relaxed); }

 private:
  void take_table(sonde_flow_table* table, const Tick& tick, std::vector<sonde_flow>* flows);
  int take_map(int fd, const Tick& tick, std::vector<sonde_flow>* flows);

  UniqueMap tables_;
  int side_fd_[SONDE_FLOW_SIDES] = {-1, -1};
  std::atomic<uint32_t> mapped_[SONDE_FLOW_SIDES] = {};
  size_t cpus_ = 0;
};

}  // namespace sonde
