// Batches that JavaScript holds: the memory stays native. Each block of the pool has one ArrayBuffer at a
// time, used again and again, for making one costs more than filling it.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "batch.h"

namespace sonde {

// Of one run of the reader, for the thread of its environment. Outlives both in the buffers that are still held.
class Lending : public std::enable_shared_from_this<Lending> {
 public:
  explicit Lending(std::shared_ptr<BlockPool> pool) : pool_(std::move(pool)), lent_(pool_->count(), false) {}

  // What JavaScript is told of a batch: the number of the pool's block it lies in, which is lent from now on,
  // or, of one that lies elsewhere, an ArrayBuffer that frees it when it is collected.
  Napi::Value lend(Napi::Env env, Batch* batch);
  // The whole block; it goes back to the pool when this is collected while lent.
  Napi::ArrayBuffer buffer(Napi::Env env, uint32_t index);
  // The block may be filled anew. False: it is not lent.
  bool take_back(uint32_t index);
  size_t blocks() const { return lent_.size(); }

 private:
  const std::shared_ptr<BlockPool> pool_;
  std::vector<bool> lent_;
};

}  // namespace sonde
