#include "lending.h"

#include <utility>

namespace sonde {

Napi::ArrayBuffer Lending::lend(Napi::Env env, Batch* batch) {
  const size_t size = batch->size();
  auto loan = std::unique_ptr<Loan>(new Loan{shared_from_this(), batch->release()});
  uint8_t* const data = loan->block.data();
  const auto finalize = [](Napi::Env, void* at, Loan* done) {
    done->from->lent_.erase(at);
    delete done;
  };
  Napi::ArrayBuffer bytes = Napi::ArrayBuffer::New(env, data, size, finalize, loan.get());
  static_cast<void>(loan.release());  // the buffer's now
  lent_.insert(data);
  return bytes;
}

bool Lending::take_back(const Napi::Value& value) {
  if (!value.IsArrayBuffer()) return false;
  auto bytes = value.As<Napi::ArrayBuffer>();
  if (lent_.erase(bytes.Data()) == 0) return false;
  bytes.Detach();
  return true;
}

}  // namespace sonde
