// One record batch in wire layout (packages/protocol SPEC 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "../include/engine.h"
#include "block.h"

namespace sonde {

class Batch {
 public:
  // Throws std::bad_alloc. A block holds the header and at least one record of any size.
  Batch(std::shared_ptr<BlockPool> pool, uint32_t filter_set);
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  // Whether a record of that size and filter set may join: records of two sets never share a batch.
  bool fits(uint32_t size, uint32_t filter_set) const { return used_ + size <= block_.capacity() && filter_set == filter_set_; }
  // Appends one struct sonde_record with its bytes; the caller has asked fits().
  void append(const uint8_t* record, uint32_t size) {
    last_ = used_;
    std::memcpy(block_.data() + used_, record, size);
    used_ += size;
    count_++;
  }
  // Fills magic, version, kind, count, lengths and times; host, stream and losses stay zero.
  void seal();

  uint32_t count() const { return count_; }
  size_t size() const { return used_; }
  // Gives the bytes to the caller.
  Block release() { return std::move(block_); }

 private:
  Block block_;
  size_t used_;
  uint32_t filter_set_;
  uint32_t count_ = 0;
  size_t last_ = 0;  // where the last record begins
};

// What the programs put into the ring: the filter set's number, then a record with its bytes.
struct RingRecord {
  uint32_t filter_set;
  const uint8_t* record;
  uint32_t length;  // as the record's own header says; 0 when that is not what the ring holds
};
inline RingRecord ring_record(const uint8_t* entry, uint32_t size) {
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
