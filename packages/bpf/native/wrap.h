// The JavaScript object around an engine and its reader.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>

#include "engine.h"
#include "lending.h"
#include "reader.h"

namespace sonde {

// Native methods return 0 or -errno; only wrong argument types throw (TypeError).
class EngineWrap : public Napi::ObjectWrap<EngineWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit EngineWrap(const Napi::CallbackInfo& info);
  EngineWrap(const EngineWrap&) = delete;
  EngineWrap& operator=(const EngineWrap&) = delete;
  ~EngineWrap() override;

 private:
  static void deliver(Napi::Env env, Napi::Function listener, EngineWrap* self, Handover* handover);
  using Channel = Napi::TypedThreadSafeFunction<EngineWrap, Handover, deliver>;

  Napi::Value open(const Napi::CallbackInfo& info);
  Napi::Value attach(const Napi::CallbackInfo& info);
  Napi::Value detach(const Napi::CallbackInfo& info);
  Napi::Value attached(const Napi::CallbackInfo& info);
  Napi::Value set_sampling(const Napi::CallbackInfo& info);
  Napi::Value set_sample_own(const Napi::CallbackInfo& info);
  Napi::Value set_own_endpoints(const Napi::CallbackInfo& info);
  Napi::Value read_counters(const Napi::CallbackInfo& info);
  Napi::Value read_filter_counters(const Napi::CallbackInfo& info);
  Napi::Value set_filters(const Napi::CallbackInfo& info);
  Napi::Value load_filters(const Napi::CallbackInfo& info);
  Napi::Value set_rates(const Napi::CallbackInfo& info);
  Napi::Value test_packets(const Napi::CallbackInfo& info);
  Napi::Value inject_packets(const Napi::CallbackInfo& info);
  Napi::Value measure(const Napi::CallbackInfo& info);
  Napi::Value describe(const Napi::CallbackInfo& info);
  Napi::Value drain_flows(const Napi::CallbackInfo& info);
  Napi::Value start(const Napi::CallbackInfo& info);
  Napi::Value block(const Napi::CallbackInfo& info);
  Napi::Value release(const Napi::CallbackInfo& info);
  Napi::Value stop(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  int start_reader(const Napi::CallbackInfo& info, const ReaderOptions& options);
  void end_reader();
  friend class FilterLoad;
  // The environment goes away, by process.exit() or a worker's end.
  static void on_exit(void* self);

  Engine engine_;
  bool opened_ = false;
  bool loading_ = false;  // a thread of the pool has the engine's maps and programs
  Channel channel_;
  std::unique_ptr<Reader> reader_;
  std::shared_ptr<Lending> lending_;  // of the newest reader
  std::optional<Napi::Promise::Deferred> stopping_;
  bool draining_ = false;
  friend class FlowDrain;
};

}  // namespace sonde
