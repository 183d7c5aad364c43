// The bare limit of reading the ring on one thread, with nothing behind it: `ring-limit OBJECT IFINDEX
// SNAPLEN walk|copy` attaches by TCX, says "ready", reads until standard input ends, and prints
// {"taken","cpuSeconds"}. walk: looks at each record's headers; copy: and copies it into a batch's memory.
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "batch.h"
#include "engine.h"
#include "ring.h"

namespace {

constexpr uint32_t kRingBytes = 8 << 20;
constexpr size_t kBatchBytes = 256 * 1024;
constexpr size_t kBatches = 8;
constexpr int kRestMs = 10;
constexpr uint64_t kReleaseBytes = 64 * 1024;

double cpu_seconds() {
  struct timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Copier {
  sonde::BlockPool pool{kBatchBytes, kBatches};
  uint8_t* block = pool.take();
  size_t used = 0;

  void take(const uint8_t* record, uint32_t size) {
    if (used + size > kBatchBytes) {
      pool.give(block);
      block = pool.take();
      used = 0;
    }
    std::memcpy(block + used, record, size);
    used += size;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const bool copy = std::string(argv[4]) == "copy";
  sonde::Engine engine;
  sonde::Ring ring;
  std::string log;
  int err = engine.open(argv[1], {kRingBytes, 1024, SONDE_MODE_LIVE}, &log);
  if (err == 0) err = engine.set_sampling(1, static_cast<uint16_t>(std::atoi(argv[3])));
  if (err == 0) err = engine.renew_lease();
  if (err == 0) err = ring.open(engine.ring_fd(), kRingBytes);
  if (err == 0) err = engine.attach(static_cast<uint32_t>(std::atoi(argv[2])), SONDE_HOOK_TCX, SONDE_HOOK_TCX);
  if (err != 0) {
    std::fprintf(stderr, "%s\n%s\n", std::strerror(-err), log.c_str());
    return 1;
  }
  Copier copier;
  uint64_t taken = 0, walked = 0;
  std::puts("ready");
  std::fflush(stdout);
  const double begin = cpu_seconds();
  for (int rests = 1;; rests++) {
    struct pollfd end = {STDIN_FILENO, POLLIN, 0};
    const bool last = poll(&end, 1, kRestMs) > 0;
    if (rests % 100 == 0) engine.renew_lease();
    uint64_t released = ring.position();
    uint32_t size = 0;
    for (const uint8_t* entry = ring.next(&size); entry != nullptr; entry = ring.next(&size)) {
      const sonde::RingRecord found = sonde::ring_record(entry, size);
      walked += found.length;
      if (copy) copier.take(found.record, found.length);
      taken++;
      ring.commit();
      if (ring.position() - released < kReleaseBytes) continue;
      ring.release();
      released = ring.position();
    }
    ring.release();
    if (last) break;
  }
  const double spent = cpu_seconds() - begin;
  engine.close();
  std::printf("{\"taken\":%lu,\"bytes\":%lu,\"cpuSeconds\":%.9f}\n", taken, walked, spent);
  return 0;
}
