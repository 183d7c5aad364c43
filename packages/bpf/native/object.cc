#include "object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include <cstdarg>
#include <vector>

#include "../include/engine.h"
#include "probe.h"

namespace sonde {
namespace {

constexpr size_t kLogBytes = 1 << 20;
constexpr size_t kLogTail = 16 * 1024;  // the reason stands at the end

int silent(enum libbpf_print_level, const char*, va_list) { return 0; }

std::string tail(const char* text) {
  std::string log(text);
  return log.size() > kLogTail ? log.substr(log.size() - kLogTail) : log;
}

// Without frags XDP refuses to attach at large MTUs; before 5.18 asking for them is refused.
uint32_t allow_frags(bpf_object* object) {
  if (try_xdp_load(BPF_F_XDP_HAS_FRAGS) != 0) return 0;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    if (bpf_program__type(program) == BPF_PROG_TYPE_XDP)
      bpf_program__set_flags(program, bpf_program__flags(program) | BPF_F_XDP_HAS_FRAGS);
  }
  return BPF_F_XDP_HAS_FRAGS;
}

int set_mode(bpf_object* object, uint32_t mode) {
  bpf_map* map = bpf_object__find_map_by_name(object, ".rodata.mode");
  return map == nullptr ? -ENOENT : bpf_map__set_initial_value(map, &mode, sizeof(mode));
}

int set_size(bpf_object* object, const char* name, uint32_t entries) {
  bpf_map* map = bpf_object__find_map_by_name(object, name);
  return map == nullptr ? -ENOENT : bpf_map__set_max_entries(map, entries);
}

// What is decided when the object is opened and not when it was compiled.
int fit(bpf_object* object, const ObjectOptions& wanted) {
  int err = set_size(object, "ring", wanted.ring_bytes);
  if (err == 0) err = set_size(object, "flow_tables", wanted.cpus * SONDE_FLOW_SIDES);
  if (err == 0) err = set_size(object, "flows_a", wanted.flow_entries);
  if (err == 0) err = set_size(object, "flows_b", wanted.flow_entries);
  return err == 0 ? set_mode(object, wanted.mode) : err;
}

}  // namespace

int Object::load(const std::string& path, const ObjectOptions& wanted, std::string* log) {
  libbpf_set_print(silent);  // it writes to stderr otherwise; failures are returned
  std::vector<char> buffer(kLogBytes, '\0');
  LIBBPF_OPTS(bpf_object_open_opts, options);
  options.kernel_log_buf = buffer.data();
  options.kernel_log_size = buffer.size();
  object_ = bpf_object__open_file(path.c_str(), &options);
  if (object_ == nullptr) return -errno;
  int err = fit(object_, wanted);
  if (err == 0) {
    xdp_flags_ = allow_frags(object_);
    err = bpf_object__load(object_);
  }
  if (err == 0) return 0;
  *log = tail(buffer.data());
  close();
  return err;
}

int Object::map_fd(const char* name) const {
  return object_ == nullptr ? -EBADF : bpf_object__find_map_fd_by_name(object_, name);
}

int Object::program_fd(const char* name) const {
  if (object_ == nullptr) return -EBADF;
  const bpf_program* program = bpf_object__find_program_by_name(object_, name);
  return program == nullptr ? -ENOENT : bpf_program__fd(program);
}

void Object::describe(Inventory* inventory) const {
  if (object_ == nullptr) return;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_) {
    inventory->programs.push_back(program_facts(bpf_program__fd(program), bpf_program__name(program)));
  }
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_) inventory->maps.push_back(map_facts(bpf_map__fd(map), bpf_map__name(map)));
}

void Object::close() {
  bpf_object__close(object_);
  object_ = nullptr;
}

}  // namespace sonde
