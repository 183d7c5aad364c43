#include "object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include <cstdarg>
#include <vector>

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

int set_testing(bpf_object* object) {
  const uint32_t on = 1;
  bpf_map* map = bpf_object__find_map_by_name(object, ".rodata.testing");
  return map == nullptr ? -ENOENT : bpf_map__set_initial_value(map, &on, sizeof(on));
}

}  // namespace

int Object::load(const std::string& path, uint32_t ring_bytes, bool testing, std::string* log) {
  libbpf_set_print(silent);  // it writes to stderr otherwise; failures are returned
  std::vector<char> buffer(kLogBytes, '\0');
  LIBBPF_OPTS(bpf_object_open_opts, options);
  options.kernel_log_buf = buffer.data();
  options.kernel_log_size = buffer.size();
  object_ = bpf_object__open_file(path.c_str(), &options);
  if (object_ == nullptr) return -errno;
  bpf_map* ring = bpf_object__find_map_by_name(object_, "ring");
  int err = ring == nullptr ? -ENOENT : bpf_map__set_max_entries(ring, ring_bytes);
  if (err == 0 && testing) err = set_testing(object_);
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

void Object::close() {
  bpf_object__close(object_);
  object_ = nullptr;
}

}  // namespace sonde
