// The part of the JavaScript object that tells what is loaded.
#include <errno.h>

#include "wrap.h"

namespace sonde {
namespace {

Napi::Object program_object(Napi::Env env, const ProgramFacts& facts) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", facts.name);
  object.Set("type", facts.type);
  object.Set("instructions", static_cast<double>(facts.instructions));
  object.Set("memoryBytes", static_cast<double>(facts.memory));
  object.Set("runs", static_cast<double>(facts.runs));
  object.Set("runNs", static_cast<double>(facts.run_ns));
  return object;
}

Napi::Object map_object(Napi::Env env, const MapFacts& facts) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", facts.name);
  object.Set("type", facts.type);
  object.Set("maxEntries", facts.max_entries);
  object.Set("entries", facts.entries ? Napi::Number::New(env, static_cast<double>(*facts.entries)) : env.Null());
  object.Set("memoryBytes", static_cast<double>(facts.memory));
  return object;
}

}  // namespace

// () → { programs, maps }, or -errno
Napi::Value EngineWrap::describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!opened_) return Napi::Number::New(env, -EBADF);
  if (loading_) return Napi::Number::New(env, -EBUSY);
  const Inventory inventory = engine_.describe(reader_ ? std::optional<uint64_t>(reader_->waiting()) : std::nullopt);
  Napi::Object answer = Napi::Object::New(env);
  Napi::Array programs = Napi::Array::New(env, inventory.programs.size());
  for (uint32_t i = 0; i < inventory.programs.size(); i++) programs.Set(i, program_object(env, inventory.programs[i]));
  Napi::Array maps = Napi::Array::New(env, inventory.maps.size());
  for (uint32_t i = 0; i < inventory.maps.size(); i++) maps.Set(i, map_object(env, inventory.maps[i]));
  answer.Set("programs", programs);
  answer.Set("maps", maps);
  return answer;
}

}  // namespace sonde
