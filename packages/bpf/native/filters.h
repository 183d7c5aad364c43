// Generated match programs (src/translate): loaded together, then swapped into the chains.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "../include/engine.h"
#include "object.h"
#include "unique_fd.h"

namespace sonde {

// One match program each; the order is that of src/translate.
enum class Context : uint32_t { kTcEthernet, kTcRaw, kXdpEthernet, kXdpRaw, kSocketEthernet, kSocketRaw };
constexpr size_t kContexts = 6;

struct FilterSet {
  uint32_t number;  // 0 only without filters
  uint32_t slot;    // of sonde_control.sets; not that of the set in force
  std::vector<uint64_t> rates;  // sonde_rate() per filter
  // eBPF instructions of 8 bytes; empty: the slot is emptied. A map's place (BPF_PSEUDO_MAP_FD) holds its index
  // in kProgramMaps.
  std::array<std::vector<uint64_t>, kContexts> programs;
};

struct FilterResult {
  uint32_t context = 0;  // the one that was refused
  std::string log;       // the verifier's words
  std::array<uint32_t, kContexts> verified{};  // instructions the verifier walked; 0 where the kernel does not tell
};

class LoadedFilters {
 public:
  // Returns 0 or -errno. -EINVAL: code that is none of ours.
  int load(const Object& object, const FilterSet& set, FilterResult* result);
  // One atomic swap per context. Returns when no packet is inside the programs before.
  int install(const Object& object) const;
  // Adds the programs, each named by its context.
  void describe(Inventory* inventory) const;

 private:
  std::array<UniqueFd, kContexts> programs_;
};

inline void store(__u64* to, uint64_t value) { __atomic_store_n(to, value, __ATOMIC_RELEASE); }

// Writes rates and number into a slot that no packet reads.
void store_set(sonde_set* to, const FilterSet& set);

}  // namespace sonde
