#include "attachment.h"

#include <errno.h>
#include <linux/if_link.h>

#include "../include/abi.h"
#include "clsact.h"
#include "link.h"
#include "packet_socket.h"

namespace sonde {
namespace {

// Keeps the hold when attaching worked.
template <typename T, typename... Arguments>
int keep(std::unique_ptr<Hold>* out, int prog_fd, Arguments... arguments) {
  if (prog_fd < 0) return prog_fd;
  auto hold = std::make_unique<T>();
  const int err = hold->attach(prog_fd, arguments...);
  if (err == 0) *out = std::move(hold);
  return err;
}

int attach_one(const Programs& programs, uint32_t ifindex, uint32_t direction, uint8_t hook, std::unique_ptr<Hold>* out) {
  const bool in = direction == SONDE_INGRESS;
  const int tc = in ? programs.tc_in : programs.tc_out;
  switch (hook) {
    case SONDE_HOOK_TCX:
      return keep<Link>(out, tc, ifindex, in ? kAttachTcxIngress : kAttachTcxEgress, 0u);
    case SONDE_HOOK_CLSACT:
      return keep<ClsactFilter>(out, tc, ifindex, direction);
    case SONDE_HOOK_XDP_NATIVE:
      return in ? keep<Link>(out, programs.xdp_in, ifindex, kAttachXdp, uint32_t{XDP_FLAGS_DRV_MODE}) : -EINVAL;
    case SONDE_HOOK_XDP_GENERIC:
      return in ? keep<Link>(out, programs.xdp_in, ifindex, kAttachXdp, uint32_t{XDP_FLAGS_SKB_MODE}) : -EINVAL;
    case SONDE_HOOK_SOCKET:
      return keep<PacketSocket>(out, programs.socket, ifindex);
    default:
      return -EINVAL;
  }
}

}  // namespace

int Attachment::attach(const Programs& programs, uint32_t ifindex, uint8_t ingress, uint8_t egress) {
  int err = attach_one(programs, ifindex, SONDE_EGRESS, egress, &egress_);
  // One packet socket takes both directions.
  const bool shared = ingress == SONDE_HOOK_SOCKET && egress == SONDE_HOOK_SOCKET;
  if (err == 0 && !shared) err = attach_one(programs, ifindex, SONDE_INGRESS, ingress, &ingress_);
  if (err != 0) detach();
  return err;
}

bool Attachment::alive() const {
  return attached() && (!ingress_ || ingress_->alive()) && (!egress_ || egress_->alive());
}

void Attachment::detach() {
  ingress_.reset();
  egress_.reset();
}

}  // namespace sonde
