#include "wrap.h"

#include <errno.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "args.h"
#include "table.h"

namespace sonde {
namespace {

constexpr uint32_t kMaxBatchBytes = 256 * 1024;  // packages/protocol SPEC 2.2
constexpr uint32_t kMinBatchBytes = sizeof(sonde_batch_header) + sizeof(sonde_record) + SONDE_MAX_SNAPLEN + sizeof(sonde_tunnel);

Napi::Value number(const Napi::CallbackInfo& info, int value) { return Napi::Number::New(info.Env(), value); }

}  // namespace

Napi::Function EngineWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeEngine",
                     {
                         InstanceMethod<&EngineWrap::open>("open"),
                         InstanceMethod<&EngineWrap::attach>("attach"),
                         InstanceMethod<&EngineWrap::detach>("detach"),
                         InstanceMethod<&EngineWrap::attached>("attached"),
                         InstanceMethod<&EngineWrap::set_sampling>("setSampling"),
                         InstanceMethod<&EngineWrap::set_sample_own>("setSampleOwn"),
                         InstanceMethod<&EngineWrap::set_own_endpoints>("setOwnEndpoints"),
                         InstanceMethod<&EngineWrap::read_counters>("readCounters"),
                         InstanceMethod<&EngineWrap::read_filter_counters>("readFilterCounters"),
                         InstanceMethod<&EngineWrap::set_filters>("setFilters"),
                         InstanceMethod<&EngineWrap::load_filters>("loadFilters"),
                         InstanceMethod<&EngineWrap::set_rates>("setRates"),
                         InstanceMethod<&EngineWrap::test_packets>("testPackets"),
                         InstanceMethod<&EngineWrap::inject_packets>("injectPackets"),
                         InstanceMethod<&EngineWrap::measure>("measure"),
                         InstanceMethod<&EngineWrap::describe>("describe"),
                         InstanceMethod<&EngineWrap::drain_flows>("drainFlows"),
                         InstanceMethod<&EngineWrap::start>("start"),
                         InstanceMethod<&EngineWrap::block>("block"),
                         InstanceMethod<&EngineWrap::release>("release"),
                         InstanceMethod<&EngineWrap::stop>("stop"),
                         InstanceMethod<&EngineWrap::close>("close"),
                     });
}

EngineWrap::EngineWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EngineWrap>(info) {}

EngineWrap::~EngineWrap() {
  reader_.reset();
  engine_.close();
}

// (objectPath, ringBytes, flowEntries, mode: enum sonde_mode) → { errno, log, xdpHelpers }
Napi::Value EngineWrap::open(const Napi::CallbackInfo& info) {
  const std::string path = string_arg(info, 0);
  const EngineOptions options = {u32_arg(info, 1), u32_arg(info, 2), u32_arg(info, 3)};
  std::string log;
  const int err = opened_ ? -EALREADY : engine_.open(path, options, &log);
  if (err == 0) opened_ = true;
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("errno", err);
  result.Set("log", log);
  result.Set("xdpHelpers", engine_.object().xdp_flags() != 0);  // both came with 5.18
  return result;
}

// (ifindex, ingress, egress), hooks as enum sonde_hook
Napi::Value EngineWrap::attach(const Napi::CallbackInfo& info) {
  const uint32_t ifindex = u32_arg(info, 0);
  const uint32_t ingress = u32_arg(info, 1);
  const uint32_t egress = u32_arg(info, 2);
  if (!opened_) return number(info, -EBADF);
  if (ingress > SONDE_HOOK_SOCKET || egress > SONDE_HOOK_SOCKET) return number(info, -EINVAL);
  return number(info, engine_.attach(ifindex, static_cast<uint8_t>(ingress), static_cast<uint8_t>(egress)));
}

Napi::Value EngineWrap::detach(const Napi::CallbackInfo& info) {
  const uint32_t ifindex = u32_arg(info, 0);
  if (!opened_) return number(info, -EBADF);
  engine_.detach(ifindex);
  return number(info, 0);
}

Napi::Value EngineWrap::attached(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), opened_ && engine_.attached(u32_arg(info, 0)));
}

Napi::Value EngineWrap::set_sampling(const Napi::CallbackInfo& info) {
  const uint32_t sample_n = u32_arg(info, 0);
  const uint32_t snaplen = u32_arg(info, 1);
  if (!opened_) return number(info, -EBADF);
  if (snaplen > SONDE_MAX_SNAPLEN) return number(info, -EINVAL);
  return number(info, engine_.set_sampling(sample_n, static_cast<uint16_t>(snaplen)));
}

Napi::Value EngineWrap::set_sample_own(const Napi::CallbackInfo& info) {
  const bool sample_own = info[0].ToBoolean();
  if (!opened_) return number(info, -EBADF);
  engine_.set_sample_own(sample_own);
  return number(info, 0);
}

// A Uint8Array of packed struct sonde_endpoint.
Napi::Value EngineWrap::set_own_endpoints(const Napi::CallbackInfo& info) {
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(info.Env(), "endpoints must be a Uint8Array");
  }
  const auto bytes = info[0].As<Napi::Uint8Array>();
  if (!opened_) return number(info, -EBADF);
  if (bytes.ByteLength() % sizeof(sonde_endpoint) != 0) return number(info, -EINVAL);
  std::vector<sonde_endpoint> endpoints(bytes.ByteLength() / sizeof(sonde_endpoint));
  if (!endpoints.empty()) std::memcpy(endpoints.data(), bytes.Data(), bytes.ByteLength());
  return number(info, engine_.set_own_endpoints(endpoints));
}

// u64 now, u32 rows, u32 zero, then struct sonde_counter_row each; or -errno.
Napi::Value EngineWrap::read_counters(const Napi::CallbackInfo& info) {
  std::vector<sonde_counter_row> rows;
  const int err = opened_ ? engine_.read_counters(&rows) : -EBADF;
  return err != 0 ? number(info, err) : table(info.Env(), rows);
}

// The same with struct sonde_filter_row.
Napi::Value EngineWrap::read_filter_counters(const Napi::CallbackInfo& info) {
  std::vector<sonde_filter_row> rows;
  const int err = opened_ ? engine_.read_filter_counters(&rows) : -EBADF;
  return err != 0 ? number(info, err) : table(info.Env(), rows);
}

// (listener(index | ArrayBuffer, bytes, records), batchBytes, flushMs, maxPending) → 0, or -EALREADY while a reader runs.
Napi::Value EngineWrap::start(const Napi::CallbackInfo& info) {
  if (!info[0].IsFunction()) throw Napi::TypeError::New(info.Env(), "listener must be a function");
  const ReaderOptions options = {u32_arg(info, 1), u32_arg(info, 2), u32_arg(info, 3)};
  if (!opened_) return number(info, -EBADF);
  if (reader_) return number(info, -EALREADY);
  if (options.batch_bytes < kMinBatchBytes || options.batch_bytes > kMaxBatchBytes || options.max_pending == 0) {
    return number(info, -EINVAL);
  }
  return number(info, start_reader(info, options));
}

int EngineWrap::start_reader(const Napi::CallbackInfo& info, const ReaderOptions& options) {
  // Unlimited queue: the reader itself stops at max_pending.
  channel_ = Channel::New(info.Env(), info[0].As<Napi::Function>(), "sonde reader", 0, 1, this);
  auto reader = std::make_unique<Reader>(options, [this](std::unique_ptr<Handover> handover) {
    if (channel_.NonBlockingCall(handover.get()) != napi_ok) return false;
    static_cast<void>(handover.release());  // deliver() owns it now
    return true;
  }, [this](bool reading) { reading ? static_cast<void>(engine_.renew_lease()) : engine_.end_lease(); });
  // Before the thread has come up, so that nothing of what follows start() is unread.
  int err = engine_.renew_lease();
  if (err == 0) err = reader->start(engine_.ring_fd(), engine_.ring_bytes());
  if (err != 0) {
    channel_.Release();
    return err;
  }
  lending_ = std::make_shared<Lending>(reader->pool());
  reader_ = std::move(reader);
  Ref();  // not collected while the thread knows it
  // Added after the channel's own, so run before it: the thread is gone when the channel closes.
  napi_add_env_cleanup_hook(info.Env(), on_exit, this);
  return 0;
}

// On the JavaScript thread. `env` is null when the environment is going away with batches still queued.
void EngineWrap::deliver(Napi::Env env, Napi::Function listener, EngineWrap* self, Handover* handover) {
  const std::unique_ptr<Handover> owner(handover);
  if (env == nullptr) return;
  if (handover == nullptr) return self->end_reader();
  for (const std::unique_ptr<Batch>& batch : *handover) {
    const Napi::HandleScope scope(env);
    try {
      const auto size = static_cast<double>(batch->size());
      const uint32_t count = batch->count();
      listener.Call({self->lending_->lend(env, batch.get()), Napi::Number::New(env, size), Napi::Number::New(env, count)});
    } catch (const Napi::Error& error) {
      napi_fatal_exception(env, error.Value());
    }
  }
  if (self->reader_) self->reader_->returned(static_cast<uint32_t>(handover->size()));
}

// (index of a block) → an ArrayBuffer of it, to be kept as long as it is wanted, or -EINVAL.
Napi::Value EngineWrap::block(const Napi::CallbackInfo& info) {
  const uint32_t index = u32_arg(info, 0);
  if (!lending_ || index >= lending_->blocks()) return number(info, -EINVAL);
  return lending_->buffer(info.Env(), index);
}

// (index of a lent block) → 0 or -EINVAL. Its ArrayBuffer must stay, for the next batch in this block.
Napi::Value EngineWrap::release(const Napi::CallbackInfo& info) {
  return number(info, lending_ && lending_->take_back(u32_arg(info, 0)) ? 0 : -EINVAL);
}

Napi::Value EngineWrap::stop(const Napi::CallbackInfo& info) {
  if (!stopping_) {
    Napi::Promise::Deferred deferred = Napi::Promise::Deferred::New(info.Env());
    if (!reader_) {
      deferred.Resolve(info.Env().Undefined());
      return deferred.Promise();
    }
    stopping_ = deferred;
    reader_->finish();
  }
  return stopping_->Promise();
}

void EngineWrap::end_reader() {
  const Napi::Env env = Env();
  napi_remove_env_cleanup_hook(env, on_exit, this);
  reader_.reset();
  channel_.Release();
  Unref();
  if (!stopping_) return;
  const Napi::Promise::Deferred deferred = *stopping_;
  stopping_.reset();
  deferred.Resolve(env.Undefined());
}

void EngineWrap::on_exit(void* self) {
  auto* wrap = static_cast<EngineWrap*>(self);
  if (wrap->reader_) wrap->reader_->abandon();
}

// Ends at once; the caller has awaited stop() if it wants the last batches.
Napi::Value EngineWrap::close(const Napi::CallbackInfo& info) {
  if (reader_ || draining_ || loading_) return number(info, -EBUSY);
  engine_.close();
  opened_ = false;
  return number(info, 0);
}

}  // namespace sonde
