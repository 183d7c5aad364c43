#include "probe.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "link.h"
#include "unique_fd.h"

namespace sonde {
namespace {

// r0 = verdict; exit. A negative value is -errno.
int load_constant(enum bpf_prog_type type, enum bpf_attach_type attach_type, uint32_t flags, int verdict) {
  const struct bpf_insn instructions[] = {
      {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, verdict},
      {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
  };
  LIBBPF_OPTS(bpf_prog_load_opts, options);
  options.expected_attach_type = attach_type;
  options.prog_flags = flags;
  const int fd = bpf_prog_load(type, "sonde_probe", "Dual BSD/GPL", instructions, 2, &options);
  return fd < 0 ? -errno : fd;
}

}  // namespace

int try_ringbuf() {
  const UniqueFd fd(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "sonde_probe", 0, 0, static_cast<uint32_t>(getpagesize()), nullptr));
  return fd.valid() ? 0 : -errno;
}

int try_xdp_load(uint32_t prog_flags) {
  const int fd = load_constant(BPF_PROG_TYPE_XDP, BPF_XDP, prog_flags, XDP_PASS);
  const UniqueFd owner(fd);
  return fd < 0 ? fd : 0;
}

int try_tcx(uint32_t ifindex) {
  const int fd = load_constant(BPF_PROG_TYPE_SCHED_CLS, static_cast<enum bpf_attach_type>(0), 0, -1);
  const UniqueFd owner(fd);
  if (fd < 0) return fd;
  Link link;
  return link.attach(fd, ifindex, kAttachTcxIngress, 0);
}

}  // namespace sonde
