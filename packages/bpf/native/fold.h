// From the counters the kernel keeps to those that are sent.
#pragma once

#include "../include/engine.h"

namespace sonde {

sonde_iface_counters fold_counters(const sonde_kernel_counters& from);

}  // namespace sonde
