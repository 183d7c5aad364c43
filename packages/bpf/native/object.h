// The compiled programs and their maps, loaded by libbpf.
#pragma once

#include <cstdint>
#include <string>

#include "inventory.h"

struct bpf_object;

namespace sonde {

struct ObjectOptions {
  uint32_t ring_bytes;    // power of two, whole pages
  uint32_t flow_entries;  // of each side's hash map
  uint32_t cpus;          // libbpf_num_possible_cpus()
  uint32_t mode;          // enum sonde_mode
};

class Object {
 public:
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() { close(); }

  // Returns 0 or -errno; `log` gets the verifier's words when it refuses.
  int load(const std::string& path, const ObjectOptions& options, std::string* log);
  // File descriptors, owned by the object; -ENOENT when it has none of that name.
  int map_fd(const char* name) const;
  int program_fd(const char* name) const;
  // Adds all programs and maps.
  void describe(Inventory* inventory) const;
  // BPF_F_* the XDP programs were loaded with: all links of a chain need the same.
  uint32_t xdp_flags() const { return xdp_flags_; }
  void close();

 private:
  bpf_object* object_ = nullptr;
  uint32_t xdp_flags_ = 0;
};

}  // namespace sonde
