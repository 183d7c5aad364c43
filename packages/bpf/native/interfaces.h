// Network devices of the current network namespace; by ioctl, since /sys may show another one's.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace sonde {

struct Interface {
  uint32_t ifindex = 0;
  std::string name;
  uint16_t type = 0;  // ARPHRD_*
  std::array<uint8_t, 6> mac{};
  int mtu = 0;
  bool up = false;
};

enum class Kind { kEthernet, kLoopback, kL3, kOther };
Kind kind_of(uint16_t arphrd);

// Both return 0 or -errno; a device that vanishes meanwhile is left out of the list.
int list_interfaces(std::vector<Interface>* out);
int find_interface(uint32_t ifindex, Interface* out);

}  // namespace sonde
