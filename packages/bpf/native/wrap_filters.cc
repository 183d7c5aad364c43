// The part of the JavaScript object that deals with filters and test runs.
#include <errno.h>

#include <cstring>
#include <utility>

#include "args.h"
#include "test_bench.h"
#include "wrap.h"

namespace sonde {
namespace {

Napi::Value number(const Napi::CallbackInfo& info, double value) { return Napi::Number::New(info.Env(), value); }

TestHook hook_arg(const Napi::CallbackInfo& info, size_t index) {
  return u32_arg(info, index) == 0 ? TestHook::kTc : TestHook::kXdp;
}

// An array with one Uint8Array of whole instructions per context; false when it is none.
bool read_programs(const Napi::Value& value, FilterSet* set) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() != kContexts) return false;
  const auto programs = value.As<Napi::Array>();
  for (uint32_t i = 0; i < kContexts; i++) {
    const Napi::Value item = programs[i];
    if (!item.IsTypedArray() || item.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) return false;
    const auto bytes = item.As<Napi::Uint8Array>();
    if (bytes.ByteLength() % sizeof(uint64_t) != 0) return false;
    set->programs[i].resize(bytes.ByteLength() / sizeof(uint64_t));
    if (bytes.ByteLength() != 0) std::memcpy(set->programs[i].data(), bytes.Data(), bytes.ByteLength());
  }
  return true;
}

// Pairs of captured and wire length; false unless the captured lengths fill the bytes.
bool read_packets(const Napi::Uint8Array& bytes, const Napi::Uint32Array& lengths, std::vector<TestPacket>* packets) {
  size_t at = 0;
  for (size_t i = 0; i + 1 < lengths.ElementLength(); i += 2) {
    const uint32_t length = lengths[i];
    if (length > bytes.ByteLength() - at) return false;
    packets->push_back({bytes.Data() + at, length, lengths[i + 1]});
    at += length;
  }
  return at == bytes.ByteLength() && lengths.ElementLength() % 2 == 0;
}

// (number, slot, rates, programs) of setFilters. Returns 0 or -EINVAL.
int read_set(const Napi::CallbackInfo& info, FilterSet* set) {
  set->number = u32_arg(info, 0);
  set->slot = u32_arg(info, 1);
  const auto rates = array_arg<uint64_t>(info, 2, napi_biguint64_array);
  set->rates.assign(rates.Data(), rates.Data() + rates.ElementLength());
  if (set->slot >= SONDE_SET_BUILTIN || set->rates.size() > SONDE_MAX_FILTERS) return -EINVAL;
  return read_programs(info[3], set) ? 0 : -EINVAL;
}

Napi::Object filter_answer(Napi::Env env, int err, const FilterResult& result) {
  Napi::Object answer = Napi::Object::New(env);
  Napi::Array verified = Napi::Array::New(env, kContexts);
  for (uint32_t i = 0; i < kContexts; i++) verified.Set(i, result.verified[i]);
  answer.Set("errno", err);
  answer.Set("log", result.log);
  answer.Set("context", result.context);
  answer.Set("verified", verified);
  return answer;
}

}  // namespace

/*
 * Engine::set_filters off the JavaScript thread. It needs of the engine what does not change until close(): its
 * programs, its maps, and in the control area the slot that no packet reads. The wrap lets nobody close the engine
 * or write that slot meanwhile.
 */
class FilterLoad : public Napi::AsyncWorker {
 public:
  FilterLoad(Napi::Env env, EngineWrap* wrap, FilterSet set)
      : Napi::AsyncWorker(env, "sonde filters"), wrap_(wrap), set_(std::move(set)), deferred_(Napi::Promise::Deferred::New(env)) {
    wrap_->loading_ = true;
    wrap_->Ref();
  }
  ~FilterLoad() override {
    wrap_->loading_ = false;
    wrap_->Unref();
  }
  FilterLoad(const FilterLoad&) = delete;
  FilterLoad& operator=(const FilterLoad&) = delete;

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { err_ = wrap_->engine_.set_filters(set_, &result_); }
  void OnOK() override {
    wrap_->loading_ = false;  // before whoever awaits the promise goes on
    try {
      deferred_.Resolve(filter_answer(Env(), err_, result_));
    } catch (const Napi::Error&) {
      // the environment goes away: nobody awaits it any more
    }
  }

 private:
  EngineWrap* const wrap_;
  const FilterSet set_;
  const Napi::Promise::Deferred deferred_;
  FilterResult result_;
  int err_ = 0;
};

// (number, slot, rates: BigUint64Array, programs: Uint8Array[6]) → { errno, log, context, verified: number[6] }
Napi::Value EngineWrap::set_filters(const Napi::CallbackInfo& info) {
  FilterSet set;
  FilterResult result;
  int err = !opened_ ? -EBADF : loading_ ? -EBUSY : read_set(info, &set);
  if (err == 0) err = engine_.set_filters(set, &result);
  return filter_answer(info.Env(), err, result);
}

// As set_filters on a thread of the pool, for it takes as long as the verifier and a grace period do. → a promise
Napi::Value EngineWrap::load_filters(const Napi::CallbackInfo& info) {
  FilterSet set;
  const int err = !opened_ ? -EBADF : loading_ ? -EBUSY : read_set(info, &set);
  if (err != 0) {
    const auto deferred = Napi::Promise::Deferred::New(info.Env());
    deferred.Resolve(filter_answer(info.Env(), err, {}));
    return deferred.Promise();
  }
  auto* load = new FilterLoad(info.Env(), this, std::move(set));  // deletes itself
  load->Queue();
  return load->promise();
}

// (hook: 0 TC, 1 XDP; raw; bytes: Uint8Array; lengths: Uint32Array) → ArrayBuffer of struct TestResult, or -errno
Napi::Value EngineWrap::test_packets(const Napi::CallbackInfo& info) {
  const TestHook hook = hook_arg(info, 0);
  const bool raw = info[1].ToBoolean();
  const auto bytes = array_arg<uint8_t>(info, 2, napi_uint8_array);
  const auto lengths = array_arg<uint32_t>(info, 3, napi_uint32_array);
  if (!opened_) return number(info, -EBADF);
  std::vector<TestPacket> packets;
  if (!read_packets(bytes, lengths, &packets)) return number(info, -EINVAL);
  std::vector<TestResult> results;
  results.reserve(packets.size());
  const int err = sonde::test_packets(&engine_, hook, raw, packets, &results);
  if (err != 0) return number(info, err);
  Napi::ArrayBuffer answer = Napi::ArrayBuffer::New(info.Env(), results.size() * sizeof(TestResult));
  if (!results.empty()) std::memcpy(answer.Data(), results.data(), answer.ByteLength());
  return answer;
}

// The same with times: BigUint64Array, CLOCK_BOOTTIME ns → { errno, ran, refused }
Napi::Value EngineWrap::inject_packets(const Napi::CallbackInfo& info) {
  const TestHook hook = hook_arg(info, 0);
  const bool raw = info[1].ToBoolean();
  const auto bytes = array_arg<uint8_t>(info, 2, napi_uint8_array);
  const auto lengths = array_arg<uint32_t>(info, 3, napi_uint32_array);
  const auto times = array_arg<uint64_t>(info, 4, napi_biguint64_array);
  std::vector<TestPacket> packets;
  Injected injected = {};
  int err = opened_ ? 0 : -EBADF;
  if (err == 0 && (!read_packets(bytes, lengths, &packets) || times.ElementLength() != packets.size())) err = -EINVAL;
  if (err == 0) err = sonde::inject_packets(&engine_, hook, raw, packets, times.Data(), &injected);
  Napi::Object answer = Napi::Object::New(info.Env());
  answer.Set("errno", err);
  answer.Set("ran", injected.ran);
  answer.Set("refused", injected.refused);
  return answer;
}

// (hook: 0 TC, 1 XDP; frame: Uint8Array; repeat) → ns per run, or -errno
Napi::Value EngineWrap::measure(const Napi::CallbackInfo& info) {
  const TestHook hook = hook_arg(info, 0);
  const auto bytes = array_arg<uint8_t>(info, 1, napi_uint8_array);
  const uint32_t repeat = u32_arg(info, 2);
  if (!opened_) return number(info, -EBADF);
  if (repeat == 0 || repeat > 100000000) return number(info, -EINVAL);
  const std::vector<uint8_t> frame(bytes.Data(), bytes.Data() + bytes.ByteLength());
  return number(info, static_cast<double>(measure_packet(&engine_, hook, frame, repeat)));
}

}  // namespace sonde
