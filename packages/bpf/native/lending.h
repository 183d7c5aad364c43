// Batches that JavaScript holds: the memory stays native, each handover makes one ArrayBuffer over it.
#pragma once

#include <napi.h>

#include <memory>
#include <unordered_set>

#include "batch.h"

namespace sonde {

// For one environment's thread. Outlives its engine in the buffers that are still held.
class Lending : public std::enable_shared_from_this<Lending> {
 public:
  // The batch's bytes, without a copy; its block goes back to the pool when it is taken back or collected.
  Napi::ArrayBuffer lend(Napi::Env env, Batch* batch);
  // Detaches a lent buffer, so that nothing reads what the next batch writes. False: not lent (any more).
  bool take_back(const Napi::Value& value);

 private:
  struct Loan {
    std::shared_ptr<Lending> from;
    Block block;
  };

  std::unordered_set<const void*> lent_;
};

}  // namespace sonde
