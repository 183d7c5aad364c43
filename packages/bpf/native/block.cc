#include "block.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace sonde {

BlockPool::~BlockPool() {
  for (uint8_t* block : spare_) std::free(block);
}

uint8_t* BlockPool::take() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!spare_.empty()) {
      uint8_t* const block = spare_.back();
      spare_.pop_back();
      return block;
    }
  }
  auto* const block = static_cast<uint8_t*>(std::malloc(block_bytes_));
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void BlockPool::give(uint8_t* block) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (spare_.size() < most_) {
      spare_.push_back(block);
      return;
    }
  }
  std::free(block);
}

Block::Block(std::shared_ptr<BlockPool> pool)
    : pool_(std::move(pool)), data_(pool_->take()), capacity_(pool_->block_bytes()) {}

Block::Block(Block&& other) noexcept
    : pool_(std::move(other.pool_)), data_(std::exchange(other.data_, nullptr)), capacity_(other.capacity_) {}

Block::~Block() {
  if (data_ == nullptr) return;
  if (pool_) {
    pool_->give(data_);
  } else {
    std::free(data_);
  }
}

void Block::shrink(size_t used) {
  auto* const smaller = static_cast<uint8_t*>(std::malloc(used));
  if (smaller == nullptr) return;
  std::memcpy(smaller, data_, used);
  pool_->give(data_);
  pool_.reset();
  data_ = smaller;
  capacity_ = used;
}

}  // namespace sonde
