// The loaded programs, where they are attached, and their counters. For one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "../include/engine.h"
#include "attachment.h"
#include "filters.h"
#include "flows.h"
#include "iface_table.h"
#include "interfaces.h"
#include "object.h"
#include "unique_fd.h"

namespace sonde {

struct EngineOptions {
  uint32_t ring_bytes;    // power of two, whole pages
  uint32_t flow_entries;  // flows of one drain that need not fit into the tables of the CPUs
  uint32_t mode;          // enum sonde_mode
};

class Engine {
 public:
  // Every method returns 0 or -errno, unless it says otherwise.
  // Only SONDE_MODE_LIVE is ever to be attached; the others are for given packets (test_bench.h).
  int open(const std::string& object_path, const EngineOptions& options, std::string* verifier_log);
  // -EEXIST: attached already; -EAFNOSUPPORT: a link type we cannot parse.
  // Hooks are enum sonde_hook.
  int attach(uint32_t ifindex, uint8_t ingress, uint8_t egress);
  void detach(uint32_t ifindex);
  // Whether the kernel still has what attach() attached.
  bool attached(uint32_t ifindex) const;
  int set_sampling(uint32_t sample_n, uint16_t snaplen);
  void set_sample_own(bool sample_own);
  // Loads the match programs and swaps them in, one context after the other; nothing is changed when one
  // is refused. No programs: back to the built-in set.
  int set_filters(const FilterSet& set, FilterResult* result);
  int set_own_endpoints(const std::vector<sonde_endpoint>& endpoints);
  // Sums over CPUs; one row per interface and direction.
  int read_counters(std::vector<sonde_counter_row>* rows) const;
  // Sums over CPUs; one row per filter of the set in force, the set before it and the built-in one.
  int read_filter_counters(std::vector<sonde_filter_row>* rows) const;
  // What was counted by flow since the last call, except what is unflowed; a flow may come in several rows.
  // Takes a grace period. Any thread, one at a time.
  int drain_flows(std::vector<sonde_flow>* flows);
  // What is loaded in the kernel; `waiting`: bytes in the ring, where they are known. Not while set_filters() runs.
  Inventory describe(std::optional<uint64_t> waiting) const;
  // Lets the programs emit for the next ten seconds. From one thread at a time.
  int renew_lease();
  // What matches from now on is counted as "no reader".
  void end_lease();
  // Detaches and frees everything. Idempotent.
  void close();

  int ring_fd() const { return object_.map_fd("ring"); }
  uint32_t ring_bytes() const { return ring_bytes_; }
  const Object& object() const { return object_; }
  sonde_control* control() const { return static_cast<sonde_control*>(control_.at()); }
  // Where time stands in the kernel's count, for given packets. Returns 0 or -errno.
  int tick(Tick* tick) const { return read_clock(tick); }
  // For given packets: what the programs take the interface for, from which they seem to come in. Its counters go on.
  int pretend(uint32_t ifindex, uint8_t hook, uint8_t flags);

 private:
  void forget_detached(uint32_t except);
  Programs programs() const;
  int link_chain();
  int name_cpus();
  int read_clock(Tick* tick) const;
  int read_row(uint32_t ifindex, uint32_t direction, sonde_counter_row* row) const;
  void store_control();

  Object object_;
  LoadedFilters filters_;  // in the chains
  uint32_t ring_bytes_ = 0;
  size_t cpus_ = 0;
  UniqueMap control_;
  FlowTables flows_;
  IfaceTable ifaces_;
  uint32_t pretended_ = 0;  // ifindex, 0: none
  bool sample_own_ = false;
  uint32_t own_ = 0;  // Sonde's own endpoints
  std::map<uint32_t, Attachment> attachments_;
};

}  // namespace sonde
