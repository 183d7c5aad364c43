// Tells JavaScript that the network devices of a namespace changed.
#pragma once

#include <napi.h>
#include <uv.h>

#include <memory>

#include "netlink.h"

namespace sonde {

/*
 * Listens for RTM_NEWLINK and RTM_DELLINK (rtnetlink(7)) on the environment's own loop. What changed is not
 * told: the listener lists the devices again, which is right also after messages were lost.
 */
class InterfaceWatch : public Napi::ObjectWrap<InterfaceWatch> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit InterfaceWatch(const Napi::CallbackInfo& info);
  InterfaceWatch(const InterfaceWatch&) = delete;
  InterfaceWatch& operator=(const InterfaceWatch&) = delete;

 private:
  // (listener) → 0 or -errno. The namespace is the calling thread's.
  Napi::Value open(const Napi::CallbackInfo& info);
  // Idempotent.
  Napi::Value close(const Napi::CallbackInfo& info);

  static void on_readable(uv_poll_t* poll, int status, int events);
  static void on_exit(napi_async_cleanup_hook_handle handle, void* self);
  // True when a message tells of a device, or messages were lost.
  bool drain();
  void tell();
  void stop(uv_close_cb closed);

  Netlink netlink_;
  Napi::FunctionReference listener_;
  std::unique_ptr<Napi::AsyncContext> context_;
  uv_poll_t* poll_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
};

}  // namespace sonde
