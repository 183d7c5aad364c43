// Checked reading of JavaScript arguments: copies, never keeps.
#pragma once

#include <napi.h>

#include <cmath>
#include <cstdint>
#include <string>

namespace sonde {

inline uint32_t u32_arg(const Napi::CallbackInfo& info, size_t index) {
  const double value = info[index].IsNumber() ? info[index].As<Napi::Number>().DoubleValue() : NAN;
  if (!(value >= 0 && value <= 4294967295.0) || value != std::floor(value)) {
    throw Napi::TypeError::New(info.Env(), "argument " + std::to_string(index) + " must be an unsigned 32-bit integer");
  }
  return static_cast<uint32_t>(value);
}

inline std::string string_arg(const Napi::CallbackInfo& info, size_t index) {
  if (!info[index].IsString()) {
    throw Napi::TypeError::New(info.Env(), "argument " + std::to_string(index) + " must be a string");
  }
  return info[index].As<Napi::String>().Utf8Value();
}

// Of a Uint8Array, Uint32Array or BigUint64Array; valid for this call only.
template <typename T>
Napi::TypedArrayOf<T> array_arg(const Napi::CallbackInfo& info, size_t index, napi_typedarray_type type) {
  if (!info[index].IsTypedArray() || info[index].As<Napi::TypedArray>().TypedArrayType() != type) {
    throw Napi::TypeError::New(info.Env(), "argument " + std::to_string(index) + " must be a typed array of another type");
  }
  return info[index].As<Napi::TypedArrayOf<T>>();
}

}  // namespace sonde
