// One file descriptor, closed once.
#pragma once

#include <unistd.h>

#include <utility>

namespace sonde {

class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void reset() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

// A memory mapping, unmapped once.
class UniqueMap {
 public:
  UniqueMap() = default;
  UniqueMap(void* at, size_t size) : at_(at), size_(size) {}
  UniqueMap(UniqueMap&& other) noexcept
      : at_(std::exchange(other.at_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  UniqueMap& operator=(UniqueMap&& other) noexcept {
    std::swap(at_, other.at_);
    std::swap(size_, other.size_);
    return *this;
  }
  UniqueMap(const UniqueMap&) = delete;
  UniqueMap& operator=(const UniqueMap&) = delete;
  ~UniqueMap();

  // Maps `size` bytes of fd at `offset`. Returns 0 or -errno.
  int map(int fd, size_t size, int protection, size_t offset);
  void* at() const { return at_; }

 private:
  void* at_ = nullptr;
  size_t size_ = 0;
};

}  // namespace sonde
