// The part of the JavaScript object that deals with flows: off the JavaScript thread, since a drain waits for packets.
#include <errno.h>

#include "table.h"
#include "wrap.h"

namespace sonde {

class FlowDrain : public Napi::AsyncWorker {
 public:
  FlowDrain(EngineWrap* wrap, Napi::Promise::Deferred deferred)
      : Napi::AsyncWorker(wrap->Env()), wrap_(wrap), deferred_(deferred) {
    wrap->Ref();
    wrap->draining_ = true;
  }

  void Execute() override { err_ = wrap_->engine_.drain_flows(&flows_); }

  void OnOK() override {
    settle([this] { return err_ == 0 ? Napi::Value(table(Env(), flows_)) : Napi::Value(Napi::Number::New(Env(), err_)); });
  }
  // Execute() throws nothing but std::bad_alloc, which comes here.
  void OnError(const Napi::Error&) override {
    settle([this] { return Napi::Value(Napi::Number::New(Env(), -ENOMEM)); });
  }

 private:
  // A worker that is being ended takes no more calls: then there is nobody left to answer.
  template <typename Answer>
  void settle(Answer answer) {
    wrap_->draining_ = false;
    try {
      wrap_->Unref();
      deferred_.Resolve(answer());
    } catch (const Napi::Error&) {
    }
  }

  EngineWrap* wrap_;
  Napi::Promise::Deferred deferred_;
  std::vector<sonde_flow> flows_;
  int err_ = 0;
};

// A promise of u64 now, u32 rows, u32 zero and struct sonde_flow each, or of -errno; -EBUSY while another one runs.
Napi::Value EngineWrap::drain_flows(const Napi::CallbackInfo& info) {
  Napi::Promise::Deferred deferred = Napi::Promise::Deferred::New(info.Env());
  if (!opened_ || draining_) {
    deferred.Resolve(Napi::Number::New(info.Env(), opened_ ? -EBUSY : -EBADF));
  } else {
    (new FlowDrain(this, deferred))->Queue();  // deletes itself
  }
  return deferred.Promise();
}

}  // namespace sonde
