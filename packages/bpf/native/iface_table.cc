#include "iface_table.h"

#include <bpf/bpf.h>
#include <errno.h>

namespace sonde {

void IfaceTable::open(int slots_fd, int others_fd, size_t cpus) {
  slots_fd_ = slots_fd;
  others_fd_ = others_fd;
  cpus_ = cpus;
  owners_.fill(0);
}

int IfaceTable::fill(uint32_t ifindex, uint32_t direction, uint8_t hook, uint8_t flags, bool keep) {
  uint32_t& owner = owners_[ifindex % SONDE_IFACE_SLOTS];
  std::vector<sonde_iface> values(cpus_, sonde_iface{});
  if (keep) {
    const int err = read(ifindex, direction, &values);
    if (err != 0) return err;
  } else if (owner == 0) {
    owner = ifindex;
  }
  for (sonde_iface& value : values) {
    value.hook = hook;
    value.flags = flags;
    value.ifindex = ifindex;
    value.in_slot = has_slot(ifindex) ? 1 : 0;
  }
  const sonde_iface_key key = {ifindex, direction};
  const uint32_t slot = sonde_iface_slot(ifindex, direction);
  const int failed = has_slot(ifindex) ? bpf_map_update_elem(slots_fd_, &slot, values.data(), BPF_ANY)
                                       : bpf_map_update_elem(others_fd_, &key, values.data(), BPF_ANY);
  return failed == 0 ? 0 : -errno;
}

void IfaceTable::drop(uint32_t ifindex) {
  const std::vector<sonde_iface> none(cpus_, sonde_iface{});
  for (const uint32_t direction : {SONDE_INGRESS, SONDE_EGRESS}) {
    const sonde_iface_key key = {ifindex, direction};
    const uint32_t slot = sonde_iface_slot(ifindex, direction);
    if (has_slot(ifindex)) bpf_map_update_elem(slots_fd_, &slot, none.data(), BPF_ANY);
    else bpf_map_delete_elem(others_fd_, &key);
  }
  if (has_slot(ifindex)) owners_[ifindex % SONDE_IFACE_SLOTS] = 0;
}

int IfaceTable::read(uint32_t ifindex, uint32_t direction, std::vector<sonde_iface>* values) const {
  const sonde_iface_key key = {ifindex, direction};
  const uint32_t slot = sonde_iface_slot(ifindex, direction);
  values->resize(cpus_);
  const int failed = has_slot(ifindex) ? bpf_map_lookup_elem(slots_fd_, &slot, values->data())
                                       : bpf_map_lookup_elem(others_fd_, &key, values->data());
  return failed == 0 ? 0 : -errno;
}

}  // namespace sonde
