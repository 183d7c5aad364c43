#include "interface_watch.h"

#include <errno.h>
#include <sys/socket.h>

namespace sonde {
namespace {

// A burst is taken in at once, but does not keep the loop for ever.
constexpr int kMessagesPerTick = 256;
constexpr size_t kMessageBytes = 32 * 1024;

// Bridges repeat their ports' news under AF_BRIDGE.
bool tells_of_device(const struct nlmsghdr& message) {
  if (message.nlmsg_type != RTM_NEWLINK && message.nlmsg_type != RTM_DELLINK) return false;
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg))) return false;
  return static_cast<const struct ifinfomsg*>(NLMSG_DATA(&message))->ifi_family == AF_UNSPEC;
}

}  // namespace

Napi::Function InterfaceWatch::define(Napi::Env env) {
  return DefineClass(
      env, "InterfaceWatch",
      {InstanceMethod<&InterfaceWatch::open>("open"), InstanceMethod<&InterfaceWatch::close>("close")});
}

InterfaceWatch::InterfaceWatch(const Napi::CallbackInfo& info) : Napi::ObjectWrap<InterfaceWatch>(info) {}

Napi::Value InterfaceWatch::open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsFunction()) throw Napi::TypeError::New(env, "listener must be a function");
  if (poll_ != nullptr) return Napi::Number::New(env, -EALREADY);
  const int err = netlink_.open(RTMGRP_LINK);
  if (err != 0) return Napi::Number::New(env, err);
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  auto poll = std::make_unique<uv_poll_t>();
  const int failed = uv_poll_init(loop, poll.get(), netlink_.fd());
  if (failed != 0) return Napi::Number::New(env, failed);
  poll_ = poll.release();
  poll_->data = this;
  uv_poll_start(poll_, UV_READABLE, on_readable);
  uv_unref(reinterpret_cast<uv_handle_t*>(poll_));  // the process may end while it listens
  listener_ = Napi::Persistent(info[0].As<Napi::Function>());
  context_ = std::make_unique<Napi::AsyncContext>(env, "sonde interfaces");
  Ref();  // not collected while the loop knows it
  napi_add_async_cleanup_hook(env, on_exit, this, &hook_);
  return Napi::Number::New(env, 0);
}

Napi::Value InterfaceWatch::close(const Napi::CallbackInfo& info) {
  if (poll_ == nullptr) return info.Env().Undefined();
  napi_remove_async_cleanup_hook(hook_);
  stop([](uv_handle_t* poll) { delete reinterpret_cast<uv_poll_t*>(poll); });
  netlink_ = Netlink();
  Unref();  // the listener may be what called: it and its context go with this object
  return info.Env().Undefined();
}

// The environment ends, which it can only when the loop holds no handle of ours.
void InterfaceWatch::on_exit(napi_async_cleanup_hook_handle handle, void* self) {
  auto* watch = static_cast<InterfaceWatch*>(self);
  watch->poll_->data = handle;
  watch->stop([](uv_handle_t* poll) {
    napi_remove_async_cleanup_hook(static_cast<napi_async_cleanup_hook_handle>(poll->data));
    delete reinterpret_cast<uv_poll_t*>(poll);
  });
}

void InterfaceWatch::stop(uv_close_cb closed) {
  uv_poll_stop(poll_);
  uv_close(reinterpret_cast<uv_handle_t*>(poll_), closed);
  poll_ = nullptr;
}

void InterfaceWatch::on_readable(uv_poll_t* poll, int, int) {
  auto* self = static_cast<InterfaceWatch*>(poll->data);
  if (self->drain()) self->tell();
}

bool InterfaceWatch::drain() {
  alignas(struct nlmsghdr) char buffer[kMessageBytes];
  bool any = false;
  for (int i = 0; i < kMessagesPerTick; i++) {
    const ssize_t size = recv(netlink_.fd(), buffer, sizeof(buffer), MSG_DONTWAIT);
    if (size < 0 && errno == ENOBUFS) {  // the kernel dropped some: any device may have changed
      any = true;
      continue;
    }
    if (size <= 0) break;
    auto left = static_cast<uint32_t>(size);
    for (auto* at = reinterpret_cast<struct nlmsghdr*>(buffer); NLMSG_OK(at, left); at = NLMSG_NEXT(at, left)) {
      any = any || tells_of_device(*at);
    }
  }
  return any;
}

void InterfaceWatch::tell() {
  const Napi::Env env = Env();
  const Napi::HandleScope scope(env);
  try {
    listener_.MakeCallback(env.Global(), std::initializer_list<napi_value>{}, *context_);
  } catch (const Napi::Error& error) {
    napi_fatal_exception(env, error.Value());
  }
}

}  // namespace sonde
