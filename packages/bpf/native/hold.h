// What keeps a program attached to one device: it is detached when its hold ends.
#pragma once

namespace sonde {

class Hold {
 public:
  Hold() = default;
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  virtual ~Hold() = default;

  // Whether the kernel still has it: the device may be gone or moved, another process may have removed it.
  virtual bool alive() const = 0;
};

}  // namespace sonde
