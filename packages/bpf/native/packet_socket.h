// A packet socket that runs a program and receives nothing: for devices where TC and XDP cannot be had.
#pragma once

#include <cstdint>

#include "hold.h"
#include "unique_fd.h"

namespace sonde {

// Both directions of one device (packet(7)). Gone with its fd.
class PacketSocket : public Hold {
 public:
  // A program of type socket filter that returns 0. Returns 0 or -errno.
  int attach(int prog_fd, uint32_t ifindex);
  bool alive() const override;

 private:
  UniqueFd fd_;
  uint32_t ifindex_ = 0;
};

}  // namespace sonde
