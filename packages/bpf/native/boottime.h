#pragma once

#include <time.h>

#include <cstdint>

namespace sonde {

// CLOCK_BOOTTIME, ns.
inline uint64_t boottime_ns() {
  struct timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace sonde
