#include "probe.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "unique_fd.h"

namespace sonde {

int load_constant(uint32_t type, int verdict, uint32_t flags) {
  const struct bpf_insn instructions[] = {
      {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, verdict},
      {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
  };
  LIBBPF_OPTS(bpf_prog_load_opts, options);
  options.expected_attach_type = type == BPF_PROG_TYPE_XDP ? BPF_XDP : static_cast<enum bpf_attach_type>(0);
  options.prog_flags = flags;
  const int fd =
      bpf_prog_load(static_cast<enum bpf_prog_type>(type), "sonde_probe", "Dual BSD/GPL", instructions, 2, &options);
  return fd < 0 ? -errno : fd;
}
int try_ringbuf() {
  const UniqueFd fd(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "sonde_probe", 0, 0, static_cast<uint32_t>(getpagesize()), nullptr));
  return fd.valid() ? 0 : -errno;
}

int try_xdp_load(uint32_t prog_flags) {
  const int fd = load_constant(BPF_PROG_TYPE_XDP, XDP_PASS, prog_flags);
  const UniqueFd owner(fd);
  return fd < 0 ? fd : 0;
}

}  // namespace sonde
