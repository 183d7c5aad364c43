#include "packet_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

namespace sonde {

int PacketSocket::attach(int prog_fd, uint32_t ifindex) {
  // Protocol 0 hears nothing until bind(), so no packet comes before the program.
  UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return -errno;
  if (setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_BPF, &prog_fd, sizeof(prog_fd)) != 0) return -errno;
  struct sockaddr_ll address = {};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(ifindex);
  if (bind(fd.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof(address)) != 0) return -errno;
  fd_ = std::move(fd);
  ifindex_ = ifindex;
  return 0;
}

// The kernel takes the socket off a device that goes away (its index becomes -1).
bool PacketSocket::alive() const {
  struct sockaddr_ll address = {};
  socklen_t size = sizeof(address);
  if (!fd_.valid() || getsockname(fd_.get(), reinterpret_cast<struct sockaddr*>(&address), &size) != 0) return false;
  return static_cast<uint32_t>(address.sll_ifindex) == ifindex_;
}

}  // namespace sonde
