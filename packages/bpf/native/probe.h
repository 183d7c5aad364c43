// What the kernel and this process can do, found by trying. Each returns 0 or -errno and leaves nothing behind.
#pragma once

#include <cstdint>

namespace sonde {

int try_ringbuf();
// Loads a program that does nothing; prog_flags as of BPF_PROG_LOAD.
int try_xdp_load(uint32_t prog_flags);
// Loads one for TC and attaches it for a moment to the given device.
int try_tcx(uint32_t ifindex);

}  // namespace sonde
