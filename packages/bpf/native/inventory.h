// What is loaded in the kernel, as the kernel tells of it by file descriptor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sonde {

struct ProgramFacts {
  std::string name;
  std::string type;       // BPF_PROG_TYPE_ in lower case
  uint64_t instructions;  // as the kernel runs them
  uint64_t memory;        // bytes
  uint64_t runs;          // while the kernel counted them (kernel.bpf_stats_enabled)
  uint64_t run_ns;
};

struct MapFacts {
  std::string name;
  std::string type;
  uint32_t max_entries;
  std::optional<uint64_t> entries;  // where somebody keeps count
  uint64_t memory;
};

struct Inventory {
  std::vector<ProgramFacts> programs;
  std::vector<MapFacts> maps;
};

// All zero but for the name when the kernel does not tell.
ProgramFacts program_facts(int fd, const std::string& name);
MapFacts map_facts(int fd, const std::string& name);

}  // namespace sonde
