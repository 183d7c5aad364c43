#include "batch.h"

#include <cstring>
#include <utility>

namespace sonde {

Batch::Batch(std::shared_ptr<BlockPool> pool, uint32_t filter_set)
    : block_(std::move(pool)), used_(sizeof(sonde_batch_header)), filter_set_(filter_set) {
  std::memset(block_.data(), 0, sizeof(sonde_batch_header));
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
  std::memcpy(&header->last_ns, block_.data() + last_ + offsetof(sonde_record, ts_ns), sizeof(header->last_ns));
  // Small batches would otherwise hold their whole block until the collector comes.
  if (used_ < block_.capacity() / 2) block_.shrink(used_);
}

}  // namespace sonde
