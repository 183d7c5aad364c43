// TC filters in a clsact qdisc: the way into TC before 6.6. They belong to the device, not to a process.
#pragma once

#include <cstdint>

#include "hold.h"

namespace sonde {

/*
 * One direction's filter at a priority and handle of Sonde's own. One that a killed process left there is
 * replaced in place. The qdisc is shared: it is deleted only when Sonde made it (its handle remembers
 * that, so a later process knows it too) and no filter is left in it.
 */
class ClsactFilter : public Hold {
 public:
  ClsactFilter() = default;
  ~ClsactFilter() override { detach(); }

  // Returns 0 or -errno; -EBUSY: a qdisc of another kind has clsact's place. direction: enum sonde_direction.
  int attach(int prog_fd, uint32_t ifindex, uint32_t direction);
  // False also when another process has put its own program there.
  bool alive() const override;
  // Returns when no packet is inside the program any more. Idempotent; leaves another process's program.
  void detach();

 private:
  uint32_t ifindex_ = 0;
  uint32_t direction_ = 0;
  uint32_t handle_ = 0;  // 0: not attached
  uint32_t program_id_ = 0;
};

}  // namespace sonde
