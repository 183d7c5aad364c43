#include "interfaces.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

#include "unique_fd.h"

namespace sonde {
namespace {

constexpr uint16_t kArphrdRawIp = 519;  // linux/if_arp.h; libc's header lacks it
constexpr uint16_t kArphrdNone = 0xfffe;
constexpr uint16_t kArphrdIp6Gre = 823;

int describe(int socket_fd, const char* name, uint32_t ifindex, Interface* out) {
  struct ifreq request = {};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(socket_fd, SIOCGIFHWADDR, &request) != 0) return -errno;
  out->type = request.ifr_hwaddr.sa_family;
  std::memcpy(out->mac.data(), request.ifr_hwaddr.sa_data, out->mac.size());
  if (ioctl(socket_fd, SIOCGIFMTU, &request) != 0) return -errno;
  out->mtu = request.ifr_mtu;
  if (ioctl(socket_fd, SIOCGIFFLAGS, &request) != 0) return -errno;
  out->up = (request.ifr_flags & IFF_UP) != 0;
  out->ifindex = ifindex;
  out->name = name;
  return 0;
}

}  // namespace

Kind kind_of(uint16_t arphrd) {
  switch (arphrd) {
    case ARPHRD_ETHER:
      return Kind::kEthernet;
    case ARPHRD_LOOPBACK:
      return Kind::kLoopback;
    case kArphrdNone:
    case kArphrdRawIp:
    case ARPHRD_PPP:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
    case ARPHRD_IPGRE:
    case kArphrdIp6Gre:
      return Kind::kL3;
    default:
      return Kind::kOther;
  }
}

int list_interfaces(std::vector<Interface>* out) {
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return -errno;
  std::unique_ptr<struct if_nameindex, void (*)(struct if_nameindex*)> names(if_nameindex(), if_freenameindex);
  if (!names) return -errno;
  for (const struct if_nameindex* at = names.get(); at->if_index != 0; at++) {
    Interface found;
    const int err = describe(fd.get(), at->if_name, at->if_index, &found);
    if (err == 0) out->push_back(std::move(found));
    else if (err != -ENODEV) return err;
  }
  return 0;
}

int find_interface(uint32_t ifindex, Interface* out) {
  char name[IF_NAMESIZE];
  if (if_indextoname(ifindex, name) == nullptr) return errno == ENXIO ? -ENODEV : -errno;
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return -errno;
  return describe(fd.get(), name, ifindex, out);
}

}  // namespace sonde
