// Memory of batches, used again once JavaScript has let go of it: under load a fresh block would cost a
// page fault for every 4 KiB, more than copying the records into it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace sonde {

class BlockPool {
 public:
  // `count` blocks of `block_bytes` each lie in one piece of huge pages, touched as they are needed. Throws
  // std::bad_alloc.
  BlockPool(size_t block_bytes, size_t count);
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;
  ~BlockPool();

  size_t block_bytes() const { return block_bytes_; }
  size_t count() const { return count_; }
  uint8_t* at(uint32_t index) const { return base_ + index * block_bytes_; }
  uint32_t index(const uint8_t* block) const { return static_cast<uint32_t>(static_cast<size_t>(block - base_) / block_bytes_); }
  bool own(const uint8_t* block) const { return block >= base_ && block < base_ + block_bytes_ * count_; }
  // Any thread. The block given last, or one from malloc when none is left. Throws std::bad_alloc.
  uint8_t* take();
  void give(uint8_t* block);

 private:
  const size_t block_bytes_;
  const size_t count_;
  uint8_t* const base_;
  std::mutex mutex_;
  std::vector<uint8_t*> spare_;
};

// One block of a pool, or of its own size from malloc; goes back where it came from.
class Block {
 public:
  explicit Block(std::shared_ptr<BlockPool> pool);
  Block(Block&& other) noexcept;
  Block& operator=(Block&&) = delete;
  ~Block();

  uint8_t* data() const { return data_; }
  size_t capacity() const { return capacity_; }
  // Whether it lies in the pool's own memory.
  bool pooled() const { return pool_ && pool_->own(data_); }
  // Leaves the memory to the caller.
  uint8_t* forget() { return std::exchange(data_, nullptr); }
  // Moves the first `used` bytes to memory of that size, if there is any, and gives the block back.
  void shrink(size_t used);

 private:
  std::shared_ptr<BlockPool> pool_;  // null: from malloc
  uint8_t* data_;
  size_t capacity_;
};

}  // namespace sonde
