#include "block.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace sonde {
namespace {

constexpr size_t kHugePage = 2 << 20;

uint8_t* huge_pages(size_t bytes) {
  const size_t whole = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  void* const at = std::aligned_alloc(kHugePage, whole);
  if (at == nullptr) throw std::bad_alloc();
  madvise(at, whole, MADV_HUGEPAGE);  // where the kernel has none, small ones do
  return static_cast<uint8_t*>(at);
}

}  // namespace

BlockPool::BlockPool(size_t block_bytes, size_t count)
    : block_bytes_(block_bytes), count_(count), base_(huge_pages(block_bytes * count)) {
  spare_.reserve(count);
  for (size_t left = count; left > 0; left--) spare_.push_back(base_ + (left - 1) * block_bytes);
}

BlockPool::~BlockPool() { std::free(base_); }

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
  if (!own(block)) return std::free(block);
  const std::lock_guard<std::mutex> lock(mutex_);
  spare_.push_back(block);
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
