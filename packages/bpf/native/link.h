// bpf_link by system call: libbpf 1.1 knows no TCX. Links live as long as their fd and no longer.
#pragma once

#include <cstdint>

#include "hold.h"
#include "unique_fd.h"

namespace sonde {

// linux/bpf.h enum bpf_attach_type; the TCX two came with 6.6.
constexpr uint32_t kAttachXdp = 37;
constexpr uint32_t kAttachTcxIngress = 46;
constexpr uint32_t kAttachTcxEgress = 47;

class Link : public Hold {
 public:
  Link() = default;
  ~Link() override { detach(); }

  // Attaches a program to a network device of the current namespace. Returns 0 or -errno.
  // TCX: before the programs that are there, whose verdict may end the chain; flags are added.
  int attach(int prog_fd, uint32_t ifindex, uint32_t attach_type, uint32_t flags);
  bool alive() const override;
  // Returns when no packet is inside the program any more. Idempotent.
  void detach();

 private:
  UniqueFd fd_;
  uint32_t ifindex_ = 0;
};

}  // namespace sonde
