#include "grace.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>

#include <cstdint>

#include "unique_fd.h"

namespace sonde {
namespace {

// The kernel waits in every update of an outer map (kernel/bpf/syscall.c maybe_wait_bpf_programs).
int wait_by_outer_map() {
  const UniqueFd inner(bpf_map_create(BPF_MAP_TYPE_ARRAY, "sonde_inner", sizeof(uint32_t), sizeof(uint32_t), 1, nullptr));
  if (!inner.valid()) return -errno;
  LIBBPF_OPTS(bpf_map_create_opts, options);
  options.inner_map_fd = static_cast<uint32_t>(inner.get());
  const UniqueFd outer(bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "sonde_outer", sizeof(uint32_t), sizeof(uint32_t), 1, &options));
  if (!outer.valid()) return -errno;
  const uint32_t zero = 0;
  const int fd = inner.get();
  return bpf_map_update_elem(outer.get(), &zero, &fd, BPF_ANY) == 0 ? 0 : -errno;
}

}  // namespace

int wait_for_programs() {
  // Refused where CPUs run without a tick (kernel/sched/membarrier.c).
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0) return 0;
  return wait_by_outer_map();
}

}  // namespace sonde
