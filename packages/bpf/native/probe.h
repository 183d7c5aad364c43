// What the kernel and this process can do, found by trying. Each returns 0 or -errno and leaves nothing behind.
#pragma once

#include <cstdint>

namespace sonde {

// Loads a program of that type (enum bpf_prog_type) that only returns `verdict`. Returns its fd, or -errno.
int load_constant(uint32_t type, int verdict, uint32_t flags = 0);

int try_ringbuf();
// Loads a program that does nothing; prog_flags as of BPF_PROG_LOAD.
int try_xdp_load(uint32_t prog_flags);

}  // namespace sonde
