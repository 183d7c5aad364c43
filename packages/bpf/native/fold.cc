#include "fold.h"

#include <cstdint>
#include <cstring>

namespace sonde {
namespace {

// Class of sizes a bin lies in (abi.h: sizes; engine.h: sonde_size_bin).
uint32_t size_class(uint32_t bin) {
  constexpr uint32_t kHuge = 32;
  if (bin == kHuge) return SONDE_SIZE_CLASSES - 1;
  const uint32_t base = bin < kHuge ? 0 : 5;  // 2 KiB wide bins begin five doublings later
  const uint32_t step = bin % kHuge;
  return step == 0 ? 0 : base + 32 - static_cast<uint32_t>(__builtin_clz(step));
}

}  // namespace

sonde_iface_counters fold_counters(const sonde_kernel_counters& from) {
  sonde_iface_counters to = {};
  std::memcpy(to.proto, from.proto, sizeof(to.proto));
  to.unmatched = from.unmatched;
  to.sampled_out = from.sampled_out;
  to.ring_lost = from.ring_lost;
  to.delivered = from.delivered;
  to.no_reader = from.no_reader;
  to.unflowed = from.unflowed;
  to.non_flow = from.non_flow;
  for (uint32_t set = 0; set < SONDE_TCP_FLAG_SETS; set++) {
    for (uint32_t bit = 0; bit < 6; bit++) {
      if ((set >> bit & 1) != 0) to.tcp_flags[bit] += from.tcp_flag_sets[set];
    }
  }
  to.tcp_flags[6] = from.tcp_ece;
  to.tcp_flags[7] = from.tcp_cwr;
  for (uint32_t bin = 0; bin < SONDE_SIZE_BINS; bin++) to.sizes[size_class(bin)] += from.size_bins[bin];
  std::memcpy(to.malformed, from.malformed, sizeof(to.malformed));
  return to;
}

}  // namespace sonde
