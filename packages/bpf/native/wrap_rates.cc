// The part of the JavaScript object that changes rates while the programs stay.
#include <errno.h>

#include "args.h"
#include "wrap.h"

namespace sonde {
namespace {

bool sound(uint64_t rate) {
  return sonde_rate_n(rate) != 0 && sonde_rate_snaplen(rate) <= SONDE_MAX_SNAPLEN && rate >> 48 == 0;
}

}  // namespace

// (slot, rates: BigUint64Array) → 0 or -errno; one sonde_rate() per filter of the set in that slot
Napi::Value EngineWrap::set_rates(const Napi::CallbackInfo& info) {
  const auto number = [&info](int value) { return Napi::Number::New(info.Env(), value); };
  const uint32_t slot = u32_arg(info, 0);
  const auto rates = array_arg<uint64_t>(info, 1, napi_biguint64_array);
  if (!opened_) return number(-EBADF);
  if (slot >= SONDE_SET_SLOTS) return number(-EINVAL);
  sonde_set& set = engine_.control()->sets[slot];
  if (rates.ElementLength() != set.count) return number(-EINVAL);
  for (size_t i = 0; i < rates.ElementLength(); i++) {
    if (!sound(rates[i])) return number(-EINVAL);
  }
  for (size_t i = 0; i < rates.ElementLength(); i++) store(&set.rate[i], rates[i]);
  return number(0);
}

}  // namespace sonde
