// Configuration and counters of the attached interfaces, in the maps the programs look them up in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../include/engine.h"

namespace sonde {

class IfaceTable {
 public:
  // File descriptors stay the caller's.
  void open(int slots_fd, int others_fd, size_t cpus);
  // Returns 0 or -errno. With `keep` the counters of an earlier entry go on; nothing may count meanwhile.
  int fill(uint32_t ifindex, uint32_t direction, uint8_t hook, uint8_t flags, bool keep);
  // Both directions.
  void drop(uint32_t ifindex);
  // One value per CPU. Returns 0 or -errno.
  int read(uint32_t ifindex, uint32_t direction, std::vector<sonde_iface>* values) const;

  // Whether an interface has a place in the array; those without are in the hash map.
  bool has_slot(uint32_t ifindex) const { return owners_[ifindex % SONDE_IFACE_SLOTS] == ifindex; }

 private:
  int slots_fd_ = -1;
  int others_fd_ = -1;
  size_t cpus_ = 0;
  std::array<uint32_t, SONDE_IFACE_SLOTS> owners_{};  // ifindex, 0 when free
};

}  // namespace sonde
