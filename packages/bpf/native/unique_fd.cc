#include "unique_fd.h"

#include <errno.h>
#include <sys/mman.h>

namespace sonde {

UniqueMap::~UniqueMap() {
  if (at_ != nullptr) munmap(at_, size_);
}

int UniqueMap::map(int fd, size_t size, int protection, size_t offset) {
  void* at = mmap(nullptr, size, protection, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (at == MAP_FAILED) return -errno;
  *this = UniqueMap(at, size);
  return 0;
}

}  // namespace sonde
