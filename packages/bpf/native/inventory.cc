#include "inventory.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cstdio>
#include <cstring>
#include <fstream>

namespace sonde {
namespace {

// proc(5): "memlock:" is what the kernel charges for a program or map (kernel/bpf/syscall.c bpf_prog_show_fdinfo).
uint64_t memory_of(int fd) {
  std::ifstream file("/proc/self/fdinfo/" + std::to_string(fd));
  std::string line;
  unsigned long long bytes = 0;
  while (std::getline(file, line)) {
    if (std::sscanf(line.c_str(), "memlock: %llu", &bytes) == 1) return bytes;
  }
  return 0;
}

std::string words(const char* type) { return type == nullptr ? "unknown" : type; }

}  // namespace

ProgramFacts program_facts(int fd, const std::string& name) {
  bpf_prog_info info;
  std::memset(&info, 0, sizeof(info));
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return {name, words(nullptr), 0, 0, 0, 0};
  const std::string type = words(libbpf_bpf_prog_type_str(static_cast<bpf_prog_type>(info.type)));
  return {name, type, info.xlated_prog_len / sizeof(bpf_insn), memory_of(fd), info.run_cnt, info.run_time_ns};
}

MapFacts map_facts(int fd, const std::string& name) {
  bpf_map_info info;
  std::memset(&info, 0, sizeof(info));
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return {name, words(nullptr), 0, std::nullopt, 0};
  const std::string type = words(libbpf_bpf_map_type_str(static_cast<bpf_map_type>(info.type)));
  return {name, type, info.max_entries, std::nullopt, memory_of(fd)};
}

}  // namespace sonde
