// Which hooks this kernel has, found by attaching to a device of nobody's.
#pragma once

namespace sonde {

// Each 0 or -errno.
struct HookFacts {
  int tcx;
  int clsact;
  int xdp_native;  // on a veth; whether a network card's driver has it shows when it is attached there
  int xdp_generic;
  int socket;
};

/*
 * With programs that do nothing on a veth pair that is down, in a network namespace of its own, entered by a
 * thread of its own; without CAP_SYS_ADMIN in the present one. Nothing is left behind.
 */
HookFacts try_hooks();

}  // namespace sonde
