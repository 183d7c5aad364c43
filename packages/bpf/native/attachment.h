// One interface's two directions and what is attached to them.
#pragma once

#include <cstdint>
#include <memory>

#include "hold.h"

namespace sonde {

// Program fds; -errno for one that could not be loaded.
struct Programs {
  int tc_in;
  int tc_out;
  int xdp_in;
  int socket;
};

class Attachment {
 public:
  // Hooks are enum sonde_hook; XDP has no egress (-EINVAL). Returns 0 or -errno, and then nothing is attached.
  int attach(const Programs& programs, uint32_t ifindex, uint8_t ingress, uint8_t egress);
  bool attached() const { return ingress_ != nullptr || egress_ != nullptr; }
  // Whether the kernel still has both directions.
  bool alive() const;
  // Ends when no packet is inside a program any more. Idempotent.
  void detach();

 private:
  std::unique_ptr<Hold> ingress_;
  std::unique_ptr<Hold> egress_;
};

}  // namespace sonde
