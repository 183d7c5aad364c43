#include "probe_hooks.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <thread>

#include "../include/abi.h"
#include "attachment.h"
#include "netlink.h"
#include "probe.h"
#include "unique_fd.h"

namespace sonde {
namespace {

constexpr uint32_t kLoopback = 1;  // every namespace's first device

// A veth pair that is gone at the end. Its ends stay down, so that nothing flows.
class ThrowawayVeth {
 public:
  ~ThrowawayVeth() {
    if (ifindex_ == 0) return;
    struct ifinfomsg device = {};
    device.ifi_index = static_cast<int>(ifindex_);
    static_cast<void>(netlink_.ask({RTM_DELLINK, NLM_F_ACK, device}));  // takes the peer with it
  }

  // Returns 0 or -errno; -EOPNOTSUPP where the kernel has no veth.
  int make() {
    const int err = netlink_.open(0);
    if (err != 0) return err;
    const std::string name = "sonde" + std::to_string(gettid());
    const struct ifinfomsg device = {};
    NetlinkRequest request(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, device);
    request.attr(IFLA_IFNAME, name + "a");
    const size_t info = request.nest(IFLA_LINKINFO);
    request.attr(IFLA_INFO_KIND, "veth");
    const size_t data = request.nest(IFLA_INFO_DATA);
    const size_t peer = request.nest(VETH_INFO_PEER, device);
    request.attr(IFLA_IFNAME, name + "b");
    for (const size_t nested : {peer, data, info}) request.end(nested);
    const int refused = netlink_.ask(std::move(request));
    if (refused == 0) ifindex_ = if_nametoindex((name + "a").c_str());
    return refused;
  }
  uint32_t ifindex() const { return ifindex_; }

 private:
  Netlink netlink_;
  uint32_t ifindex_ = 0;
};

int try_hook(const Programs& programs, uint32_t ifindex, uint8_t ingress, uint8_t egress) {
  Attachment attachment;
  return attachment.attach(programs, ifindex, ingress, egress);
}

void try_on_veth(const Programs& programs, HookFacts* facts) {
  // Without CAP_SYS_ADMIN the pair is in the host's namespace for a moment.
  static_cast<void>(unshare(CLONE_NEWNET));
  ThrowawayVeth veth;
  const int no_veth = veth.make();
  // A host's loopback is shared: only what cannot be noticed there is tried on it.
  const uint32_t device = no_veth == 0 ? veth.ifindex() : kLoopback;
  const uint8_t out = SONDE_HOOK_SOCKET;  // for XDP, which has no egress; older than all the others
  facts->tcx = try_hook(programs, device, SONDE_HOOK_TCX, SONDE_HOOK_TCX);
  facts->socket = try_hook(programs, device, SONDE_HOOK_SOCKET, SONDE_HOOK_SOCKET);
  if (no_veth != 0) {
    facts->clsact = facts->xdp_native = facts->xdp_generic = no_veth;
    return;
  }
  facts->clsact = try_hook(programs, device, SONDE_HOOK_CLSACT, SONDE_HOOK_CLSACT);
  facts->xdp_native = try_hook(programs, device, SONDE_HOOK_XDP_NATIVE, out);
  facts->xdp_generic = try_hook(programs, device, SONDE_HOOK_XDP_GENERIC, out);
}

}  // namespace

HookFacts try_hooks() {
  const UniqueFd tc(load_constant(BPF_PROG_TYPE_SCHED_CLS, -1));
  const UniqueFd xdp(load_constant(BPF_PROG_TYPE_XDP, XDP_PASS));
  const UniqueFd socket(load_constant(BPF_PROG_TYPE_SOCKET_FILTER, 0));
  const Programs programs = {tc.get(), tc.get(), xdp.get(), socket.get()};
  HookFacts facts = {};
  try {
    std::thread(try_on_veth, programs, &facts).join();
  } catch (const std::system_error& error) {
    const int failed = -error.code().value();
    facts = {failed, failed, failed, failed, failed};
  }
  return facts;
}

}  // namespace sonde
