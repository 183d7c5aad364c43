// The reader thread: ring → batches in wire layout → a sink.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "batch.h"
#include "ring.h"
#include "unique_fd.h"

namespace sonde {

// Batches for one call into JavaScript, the oldest first.
using Handover = std::vector<std::unique_ptr<Batch>>;

struct ReaderOptions {
  uint32_t batch_bytes;  // header included
  uint32_t flush_ms;
  uint32_t max_pending;  // batches handed over and not yet returned
};

class Reader {
 public:
  // Called on the reader's thread: batches, or null once after the last ones. False: nobody takes them.
  using Sink = std::function<bool(std::unique_ptr<Handover>)>;
  // Called on the reader's thread: true once a second while it reads, false when it stops reading.
  using Lease = std::function<void(bool)>;

  Reader(const ReaderOptions& options, Sink sink, Lease lease)
      : options_(options),
        pool_(std::make_shared<BlockPool>(options.batch_bytes, kBlocks)),
        sink_(std::move(sink)),
        lease_(std::move(lease)) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { abandon(); }

  // Returns 0 or -errno. The map must outlive the reader.
  int start(int ring_fd, size_t ring_bytes);
  const std::shared_ptr<BlockPool>& pool() const { return pool_; }
  // Any thread: bytes in the ring.
  uint64_t waiting() const { return ring_.waiting(); }
  // Any thread: so many handed-over batches have been taken.
  void returned(uint32_t count);
  // Drains what is in the ring now, then ends with the sink's null. Does not wait.
  void finish();
  // Stops without draining and joins. Idempotent.
  void abandon();

 private:
  // Blocks that are used again and again: 16 MiB of the largest, touched as they are needed.
  static constexpr size_t kBlocks = 64;
  enum class Phase : int { kRunning, kFinishing, kAbandoned };

  void run();
  void renew();
  bool drain(uint64_t until);
  bool take(const uint8_t* entry, uint32_t size);
  bool holds_some() const { return batch_ || !full_->empty(); }
  bool has_room() const { return pending_.load(std::memory_order_acquire) + full_->size() < options_.max_pending; }
  void close_batch();
  void flush();
  bool hand_over();
  void pace(uint64_t taken);
  int64_t flush_ms() const;
  void rest(bool had_records);
  void wait(int timeout_ms, bool for_ring);
  void wake();

  const ReaderOptions options_;
  const std::shared_ptr<BlockPool> pool_;  // outlives the reader in batches that JavaScript holds
  const Sink sink_;
  const Lease lease_;
  int64_t renewed_ms_ = 0;
  Ring ring_;
  UniqueFd event_;
  std::thread thread_;
  std::atomic<Phase> phase_{Phase::kRunning};
  std::atomic<uint32_t> pending_{0};
  std::unique_ptr<Batch> batch_;
  std::unique_ptr<Handover> full_ = std::make_unique<Handover>();
  int64_t flushed_ms_ = 0;
  int64_t drained_ms_ = 0;
  bool flood_ = false;  // a batch filled since the last drain
  int rest_ms_ = 1;
};

}  // namespace sonde
