#include "batch.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "../include/abi.h"

namespace sonde {

Batch::Batch(size_t capacity)
    : data_(static_cast<uint8_t*>(std::malloc(capacity))), capacity_(capacity), used_(sizeof(sonde_batch_header)) {
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

uint32_t record_bytes(const uint8_t* record, uint32_t size) {
  uint16_t length = 0;
  if (size < sizeof(sonde_record)) return 0;
  std::memcpy(&length, record + offsetof(sonde_record, rec_len), sizeof(length));
  return length >= sizeof(sonde_record) && length <= size && length % 8 == 0 ? length : 0;
}

}  // namespace sonde
