// Rows for JavaScript: u64 CLOCK_BOOTTIME ns of now, u32 how many, u32 zero, then the rows.
#pragma once

#include <napi.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "boottime.h"

namespace sonde {

template <typename Row>
Napi::ArrayBuffer table(Napi::Env env, const std::vector<Row>& rows) {
  const uint64_t now = boottime_ns();
  const uint32_t count = static_cast<uint32_t>(rows.size());
  Napi::ArrayBuffer result = Napi::ArrayBuffer::New(env, 16 + rows.size() * sizeof(Row));
  auto* at = static_cast<uint8_t*>(result.Data());
  std::memset(at, 0, 16);
  std::memcpy(at, &now, sizeof(now));
  std::memcpy(at + 8, &count, sizeof(count));
  if (!rows.empty()) std::memcpy(at + 16, rows.data(), rows.size() * sizeof(Row));
  return result;
}

}  // namespace sonde
