// Prints the names of the BPF programs attached to interface argv[1], one a line: what the kernel says,
// since bpftool before 7.3 shows no TCX.
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

#include <bpf/libbpf.h>

namespace {

void print_name(uint32_t id) {
  const int fd = bpf_prog_get_fd_by_id(id);
  bpf_prog_info info = {};
  uint32_t size = sizeof(info);
  if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0) std::puts(info.name);
  if (fd >= 0) close(fd);
}

int print_tcx(uint32_t ifindex, uint32_t attach_type) {
  uint32_t ids[64] = {};
  union bpf_attr attr;
  std::memset(&attr, 0, sizeof(attr));
  attr.query.target_fd = ifindex;
  attr.query.attach_type = attach_type;
  attr.query.prog_ids = reinterpret_cast<uintptr_t>(ids);
  attr.query.prog_cnt = 64;
  if (syscall(SYS_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)) != 0) return errno == ENOENT ? 0 : -errno;
  for (uint32_t i = 0; i < attr.query.prog_cnt; i++) print_name(ids[i]);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const uint32_t ifindex = argc > 1 ? if_nametoindex(argv[1]) : 0;
  if (ifindex == 0) return 0;
  uint32_t xdp = 0;
  if (bpf_xdp_query_id(static_cast<int>(ifindex), 0, &xdp) != 0) return 1;
  if (xdp != 0) print_name(xdp);
  return print_tcx(ifindex, 46) == 0 && print_tcx(ifindex, 47) == 0 ? 0 : 1;
}
