#include "batch.h"

#include <cstring>
#include <utility>

#include "../include/engine.h"

namespace sonde {

Batch::Batch(std::shared_ptr<BlockPool> pool, uint32_t filter_set)
    : block_(std::move(pool)), used_(sizeof(sonde_batch_header)), filter_set_(filter_set) {
  std::memset(block_.data(), 0, sizeof(sonde_batch_header));
}

void Batch::append(const uint8_t* record, uint32_t size) {
  std::memcpy(block_.data() + used_, record, size);
  std::memcpy(&last_ns_, record + offsetof(sonde_record, ts_ns), sizeof(last_ns_));
  used_ += size;
  count_++;
}

void Batch::seal() {
  auto* header = reinterpret_cast<sonde_batch_header*>(block_.data());
  header->magic = SONDE_BATCH_MAGIC;
  header->version = SONDE_BATCH_VERSION;
  header->kind = SONDE_BATCH_RECORDS;
  header->filter_set = filter_set_;
  header->count = count_;
  header->body_len = static_cast<uint32_t>(used_ - sizeof(*header));
  std::memcpy(&header->first_ns, block_.data() + sizeof(*header) + offsetof(sonde_record, ts_ns), sizeof(header->first_ns));
  header->last_ns = last_ns_;
  // Small batches would otherwise hold their whole block until the collector comes.
  if (used_ < block_.capacity() / 2) block_.shrink(used_);
}

RingRecord ring_record(const uint8_t* entry, uint32_t size) {
  RingRecord result = {0, entry + SONDE_RING_PREFIX, 0};
  uint16_t length = 0;
  if (size < SONDE_RING_PREFIX + sizeof(sonde_record)) return result;
  std::memcpy(&result.filter_set, entry, sizeof(result.filter_set));
  std::memcpy(&length, result.record + offsetof(sonde_record, rec_len), sizeof(length));
  const bool sound = length >= sizeof(sonde_record) && size - SONDE_RING_PREFIX >= length && length % 8 == 0;
  result.length = sound ? length : 0;
  return result;
}

}  // namespace sonde
