#include "link.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sys/syscall.h>

#include <cstring>

namespace sonde {
namespace {

constexpr uint32_t kBefore = 1u << 3;  // linux/bpf.h BPF_F_BEFORE, of 6.6

long bpf_call(int command, union bpf_attr* attr) { return syscall(SYS_bpf, command, attr, sizeof(*attr)); }

}  // namespace

int Link::attach(int prog_fd, uint32_t ifindex, uint32_t attach_type, uint32_t flags) {
  const bool tcx = attach_type != kAttachXdp;
  union bpf_attr attr;
  std::memset(&attr, 0, sizeof(attr));
  attr.link_create.prog_fd = static_cast<uint32_t>(prog_fd);
  attr.link_create.target_ifindex = ifindex;
  attr.link_create.attach_type = attach_type;
  attr.link_create.flags = flags | (tcx ? kBefore : 0);
  const long fd = bpf_call(BPF_LINK_CREATE, &attr);
  if (fd < 0) return -errno;
  fd_ = UniqueFd(static_cast<int>(fd));
  ifindex_ = ifindex;
  return 0;
}

// A link outlives its device, and then names device 0. The union's first word is the ifindex for XDP and TCX.
bool Link::alive() const {
  if (!fd_.valid()) return false;
  struct bpf_link_info info = {};
  union bpf_attr attr;
  std::memset(&attr, 0, sizeof(attr));
  attr.info.bpf_fd = static_cast<uint32_t>(fd_.get());
  attr.info.info_len = sizeof(info);
  attr.info.info = reinterpret_cast<uintptr_t>(&info);
  if (bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr) != 0) return false;
  return info.xdp.ifindex == ifindex_;
}

void Link::detach() {
  if (!fd_.valid()) return;
  union bpf_attr attr;
  std::memset(&attr, 0, sizeof(attr));
  attr.link_detach.link_fd = static_cast<uint32_t>(fd_.get());
  // Fails when the device is gone, and with it the attachment.
  static_cast<void>(bpf_call(BPF_LINK_DETACH, &attr));
  fd_.reset();
}

}  // namespace sonde
