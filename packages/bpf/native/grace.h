// Waiting until packets have left what they were in.
#pragma once

namespace sonde {

// Returns once every program run that began before the call has ended (an RCU grace period, some ms). 0 or -errno.
int wait_for_programs();

}  // namespace sonde
