// What the .node file exports; src/load.ts has its types.
#include <bpf/libbpf.h>
#include <napi.h>
#include <time.h>

#include <cstdio>
#include <vector>

#include "interface_watch.h"
#include "interfaces.h"
#include "probe.h"
#include "probe_hooks.h"
#include "wrap.h"

namespace sonde {
namespace {

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::kEthernet:
      return "ethernet";
    case Kind::kLoopback:
      return "loopback";
    case Kind::kL3:
      return "l3";
    case Kind::kOther:
      break;
  }
  return "other";
}

Napi::Value mac_text(Napi::Env env, const Interface& device) {
  if (kind_of(device.type) != Kind::kEthernet) return env.Null();
  char text[18];
  const auto& m = device.mac;
  std::snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
  return Napi::String::New(env, text);
}

// → array of NetInterface, or -errno
Napi::Value list(const Napi::CallbackInfo& info) {
  std::vector<Interface> devices;
  const int err = list_interfaces(&devices);
  if (err != 0) return Napi::Number::New(info.Env(), err);
  Napi::Array result = Napi::Array::New(info.Env(), devices.size());
  for (size_t i = 0; i < devices.size(); i++) {
    Napi::Object item = Napi::Object::New(info.Env());
    item.Set("ifindex", devices[i].ifindex);
    item.Set("name", devices[i].name);
    item.Set("kind", kind_name(kind_of(devices[i].type)));
    item.Set("mac", mac_text(info.Env(), devices[i]));
    item.Set("mtu", devices[i].mtu);
    item.Set("up", devices[i].up);
    result.Set(static_cast<uint32_t>(i), item);
  }
  return result;
}

Napi::Value boottime(const Napi::CallbackInfo& info) {
  struct timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return Napi::BigInt::New(info.Env(), static_cast<int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec);
}

Napi::Value probe_ringbuf(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), try_ringbuf()); }
Napi::Value probe_xdp(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), try_xdp_load(0)); }

// → { tcx, clsact, xdpNative, xdpGeneric, socket }, each 0 or -errno
Napi::Value probe_hooks(const Napi::CallbackInfo& info) {
  const HookFacts facts = try_hooks();
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("tcx", facts.tcx);
  result.Set("clsact", facts.clsact);
  result.Set("xdpNative", facts.xdp_native);
  result.Set("xdpGeneric", facts.xdp_generic);
  result.Set("socket", facts.socket);
  return result;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  libbpf_set_print(nullptr);  // it writes to stderr otherwise; failures are returned
  exports.Set("NativeEngine", EngineWrap::define(env));
  exports.Set("InterfaceWatch", InterfaceWatch::define(env));
  exports.Set("listInterfaces", Napi::Function::New<list>(env, "listInterfaces"));
  exports.Set("clockBoottimeNs", Napi::Function::New<boottime>(env, "clockBoottimeNs"));
  exports.Set("probeRingbuf", Napi::Function::New<probe_ringbuf>(env, "probeRingbuf"));
  exports.Set("probeXdp", Napi::Function::New<probe_xdp>(env, "probeXdp"));
  exports.Set("probeHooks", Napi::Function::New<probe_hooks>(env, "probeHooks"));
  return exports;
}

}  // namespace
}  // namespace sonde

static Napi::Object sonde_init(Napi::Env env, Napi::Object exports) { return sonde::init(env, exports); }
NODE_API_MODULE(sonde_bpf, sonde_init)
