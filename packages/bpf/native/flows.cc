#include "flows.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sys/mman.h>

namespace sonde {
namespace {

// Entries per call; a bucket of the kernel's hash must fit in.
constexpr uint32_t kBatch = 4096;

sonde_flow to_flow(const sonde_flow_key& key, const sonde_flow_value& value, const Tick& tick) {
  sonde_flow flow = {};
  flow.key = key;
  flow.key.reserved = 0;  // the CPU is nobody else's business
  flow.first_ns = tick.boottime(value.first);
  flow.last_ns = tick.boottime(value.last);
  flow.n = value.n;
  flow.tcp_flags = value.tcp_flags;
  flow.verdict = value.verdict;
  return flow;
}

}  // namespace

int FlowTables::open(int tables_fd, int side_a_fd, int side_b_fd, size_t cpus) {
  cpus_ = cpus;
  side_fd_[0] = side_a_fd;
  side_fd_[1] = side_b_fd;
  return tables_.map(tables_fd, cpus * SONDE_FLOW_SIDES * sizeof(sonde_flow_table), PROT_READ | PROT_WRITE, 0);
}

int FlowTables::take(uint32_t side, const Tick& tick, std::vector<sonde_flow>* flows) {
  auto* tables = static_cast<sonde_flow_table*>(tables_.at());
  if (tables == nullptr) return -EBADF;
  for (size_t cpu = 0; cpu < cpus_; cpu++) take_table(&tables[sonde_flow_table_index(static_cast<uint32_t>(cpu), side)], tick, flows);
  const size_t before = flows->size();
  const int err = take_map(side_fd_[side], tick, flows);
  mapped_[side].store(static_cast<uint32_t>(flows->size() - before), std::memory_order_relaxed);
  return err;
}

void FlowTables::take_table(sonde_flow_table* table, const Tick& tick, std::vector<sonde_flow>* flows) {
  for (sonde_flow_place& place : table->place) {
    if (place.value.n.frames == 0) continue;
    flows->push_back(to_flow(place.key, place.value, tick));
    place.value = {};
  }
}

int FlowTables::take_map(int fd, const Tick& tick, std::vector<sonde_flow>* flows) {
  std::vector<sonde_flow_key> keys(kBatch);
  std::vector<sonde_flow_value> values(kBatch);
  uint32_t at = 0;
  bool first = true;
  for (;;) {
    uint32_t count = static_cast<uint32_t>(keys.size());
    const int failed = bpf_map_lookup_and_delete_batch(fd, first ? nullptr : &at, &at, keys.data(), values.data(), &count, nullptr);
    const int err = failed == 0 ? 0 : errno;
    if (err == ENOSPC && count == 0) {  // a bucket with more entries than we have room for
      keys.resize(keys.size() * 2);
      values.resize(values.size() * 2);
      continue;
    }
    if (err != 0 && err != ENOENT) return -err;
    for (uint32_t i = 0; i < count; i++) flows->push_back(to_flow(keys[i], values[i], tick));
    if (err == ENOENT) return 0;
    first = false;
  }
}

}  // namespace sonde
