#include "batch.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "../include/engine.h"

namespace sonde {

Batch::Batch(size_t capacity, uint32_t filter_set)
    : data_(static_cast<uint8_t*>(std::malloc(capacity))),
      capacity_(capacity),
      used_(sizeof(sonde_batch_header)),
      filter_set_(filter_set) {
  if (data_ == nullptr) throw std::bad_alloc();
  std::memset(data_, 0, sizeof(sonde_batch_header));
}

Batch::~Batch() { std::free(data_); }

void Batch::append(const uint8_t* record, uint32_t size) {
  std::memcpy(data_ + used_, record, size);
  std::memcpy(&last_ns_, record + offsetof(sonde_record, ts_ns), sizeof(last_ns_));
  used_ += size;
  count_++;
}

void Batch::seal() {
  auto* header = reinterpret_cast<sonde_batch_header*>(data_);
  header->magic = SONDE_BATCH_MAGIC;
  header->version = SONDE_BATCH_VERSION;
  header->kind = SONDE_BATCH_RECORDS;
  header->filter_set = filter_set_;
  header->count = count_;
  header->body_len = static_cast<uint32_t>(used_ - sizeof(*header));
  std::memcpy(&header->first_ns, data_ + sizeof(*header) + offsetof(sonde_record, ts_ns), sizeof(header->first_ns));
  header->last_ns = last_ns_;
  if (used_ >= capacity_ / 2) return;
  // Small batches would otherwise hold their whole capacity until the collector comes.
  void* smaller = std::realloc(data_, used_);
  if (smaller == nullptr) return;
  data_ = static_cast<uint8_t*>(smaller);
  capacity_ = used_;
}

uint8_t* Batch::release() { return std::exchange(data_, nullptr); }

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
