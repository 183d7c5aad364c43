#include "link.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sys/syscall.h>

#include <cstring>

namespace sonde {
namespace {

long bpf_call(int command, union bpf_attr* attr) { return syscall(SYS_bpf, command, attr, sizeof(*attr)); }

}  // namespace

Link& Link::operator=(Link&& other) noexcept {
  if (this != &other) {
    detach();
    fd_ = std::move(other.fd_);
  }
  return *this;
}

int Link::attach(int prog_fd, uint32_t ifindex, uint32_t attach_type, uint32_t flags) {
  union bpf_attr attr;
  std::memset(&attr, 0, sizeof(attr));
  attr.link_create.prog_fd = static_cast<uint32_t>(prog_fd);
  attr.link_create.target_ifindex = ifindex;
  attr.link_create.attach_type = attach_type;
  attr.link_create.flags = flags;
  const long fd = bpf_call(BPF_LINK_CREATE, &attr);
  if (fd < 0) return -errno;
  fd_ = UniqueFd(static_cast<int>(fd));
  return 0;
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
