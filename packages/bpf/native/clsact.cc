#include "clsact.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <linux/pkt_sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "../include/abi.h"
#include "netlink.h"

namespace sonde {
namespace {

// Before what is added without a priority (those count down from 49152), after the low ones people type.
constexpr uint32_t kPriority = 83;
// "SND" and a number. The second: Sonde made the qdisc too.
constexpr uint32_t kHandle = 0x534e4401;
constexpr uint32_t kMakerHandle = 0x534e4402;
constexpr uint32_t kDirections[] = {SONDE_INGRESS, SONDE_EGRESS};

bpf_tc_hook hook_of(uint32_t ifindex, uint32_t direction) {
  LIBBPF_OPTS(bpf_tc_hook, hook);
  hook.ifindex = static_cast<int>(ifindex);
  hook.attach_point = direction == SONDE_EGRESS ? BPF_TC_EGRESS : BPF_TC_INGRESS;
  return hook;
}

// Id of the program at our priority and that handle, or 0.
uint32_t program_at(uint32_t ifindex, uint32_t direction, uint32_t handle) {
  const bpf_tc_hook hook = hook_of(ifindex, direction);
  LIBBPF_OPTS(bpf_tc_opts, options);
  options.handle = handle;
  options.priority = kPriority;
  return bpf_tc_query(&hook, &options) == 0 ? options.prog_id : 0;
}

struct tcmsg tc_message(uint32_t ifindex, uint32_t parent) {
  struct tcmsg body = {};
  body.tcm_family = AF_UNSPEC;
  body.tcm_ifindex = static_cast<int>(ifindex);
  body.tcm_parent = parent;
  return body;
}

// Kind of the qdisc in the place that clsact and ingress share, or "". Returns 0 or -errno.
int kind_in_place(uint32_t ifindex, std::string* kind) {
  Netlink netlink;
  const int err = netlink.open(0);
  if (err != 0) return err;
  // The kernel dumps the qdiscs of all devices, whatever is asked for.
  return netlink.ask({RTM_GETQDISC, NLM_F_DUMP, tc_message(ifindex, 0)}, [&](const struct nlmsghdr& message) {
    const auto* found = static_cast<const struct tcmsg*>(NLMSG_DATA(&message));
    if (static_cast<uint32_t>(found->tcm_ifindex) != ifindex || found->tcm_parent != TC_H_CLSACT) return;
    *kind = attr_text(find_attr(message, sizeof(*found), TCA_KIND));
  });
}

// When in doubt the qdisc is not empty.
bool is_empty(uint32_t ifindex) {
  Netlink netlink;
  if (netlink.open(0) != 0) return false;
  bool empty = true;
  for (const uint32_t minor : {TC_H_MIN_INGRESS, TC_H_MIN_EGRESS}) {
    const auto body = tc_message(ifindex, TC_H_MAKE(TC_H_CLSACT, minor));
    const int err = netlink.ask({RTM_GETTFILTER, NLM_F_DUMP, body}, [&](const struct nlmsghdr&) { empty = false; });
    if (err != 0) return false;
  }
  return empty;
}

// Sees to it that there is a clsact qdisc. Returns 0 or -errno; `made` when it is new.
int require_qdisc(uint32_t ifindex, bool* made) {
  bpf_tc_hook hook = hook_of(ifindex, SONDE_INGRESS);
  const int err = bpf_tc_hook_create(&hook);
  *made = err == 0;
  if (err != -EEXIST) return err;
  std::string kind;
  const int asked = kind_in_place(ifindex, &kind);
  if (asked != 0) return asked;
  // A filter for egress put into an ingress qdisc would run on ingress.
  return kind == "clsact" ? 0 : -EBUSY;
}

bool made_before(uint32_t ifindex) {
  for (const uint32_t direction : kDirections) {
    if (program_at(ifindex, direction, kMakerHandle) != 0) return true;
  }
  return false;
}

void delete_qdisc_if_empty(uint32_t ifindex) {
  if (!is_empty(ifindex)) return;
  bpf_tc_hook hook = hook_of(ifindex, SONDE_INGRESS);
  hook.attach_point = static_cast<enum bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
  static_cast<void>(bpf_tc_hook_destroy(&hook));
}

}  // namespace

int ClsactFilter::attach(int prog_fd, uint32_t ifindex, uint32_t direction) {
  bool made = false;
  int err = require_qdisc(ifindex, &made);
  if (err != 0) return err;
  made = made || made_before(ifindex);
  // A leftover of the other handle cannot be: the qdisc was either made by Sonde or not.
  const uint32_t handle = made ? kMakerHandle : kHandle;
  const bpf_tc_hook hook = hook_of(ifindex, direction);
  LIBBPF_OPTS(bpf_tc_opts, options);
  options.prog_fd = prog_fd;
  options.flags = BPF_TC_F_REPLACE;
  options.handle = handle;
  options.priority = kPriority;
  err = bpf_tc_attach(&hook, &options);
  if (err != 0) {
    if (made) delete_qdisc_if_empty(ifindex);
    return err;
  }
  ifindex_ = ifindex;
  direction_ = direction;
  handle_ = handle;
  program_id_ = program_at(ifindex, direction, handle);
  return 0;
}

bool ClsactFilter::alive() const { return handle_ != 0 && program_at(ifindex_, direction_, handle_) == program_id_; }

void ClsactFilter::detach() {
  if (alive()) {
    const bpf_tc_hook hook = hook_of(ifindex_, direction_);
    LIBBPF_OPTS(bpf_tc_opts, options);
    options.handle = handle_;
    options.priority = kPriority;
    static_cast<void>(bpf_tc_detach(&hook, &options));
    // Waits for an RCU grace period, which ends after the packets that are inside (membarrier(2)).
    static_cast<void>(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
    if (handle_ == kMakerHandle) delete_qdisc_if_empty(ifindex_);
  }
  handle_ = 0;
}

}  // namespace sonde
