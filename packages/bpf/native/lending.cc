#include "lending.h"

#include <utility>

namespace sonde {
namespace {

struct Held {
  std::shared_ptr<Lending> lending;
  uint32_t index;
};

}  // namespace

Napi::Value Lending::lend(Napi::Env env, Batch* batch) {
  const size_t size = batch->size();
  auto block = std::make_unique<Block>(batch->release());
  if (block->pooled()) {
    const uint32_t index = pool_->index(block->forget());
    lent_[index] = true;
    return Napi::Number::New(env, index);
  }
  uint8_t* const data = block->data();
  const auto bytes = Napi::ArrayBuffer::New(env, data, size, [](Napi::Env, void*, Block* used) { delete used; }, block.get());
  static_cast<void>(block.release());  // the buffer's now
  return bytes;
}

Napi::ArrayBuffer Lending::buffer(Napi::Env env, uint32_t index) {
  auto held = std::unique_ptr<Held>(new Held{shared_from_this(), index});
  const auto collected = [](Napi::Env, void*, Held* gone) {
    gone->lending->take_back(gone->index);
    delete gone;
  };
  const auto bytes = Napi::ArrayBuffer::New(env, pool_->at(index), pool_->block_bytes(), collected, held.get());
  static_cast<void>(held.release());  // the buffer's now
  return bytes;
}

bool Lending::take_back(uint32_t index) {
  if (index >= blocks() || !lent_[index]) return false;
  lent_[index] = false;
  pool_->give(pool_->at(index));
  return true;
}

}  // namespace sonde
