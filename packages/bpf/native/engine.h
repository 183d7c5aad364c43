// The loaded programs, where they are attached, and their counters. For one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "../include/engine.h"
#include "attachment.h"
#include "filters.h"
#include "iface_table.h"
#include "interfaces.h"
#include "object.h"
#include "unique_fd.h"

namespace sonde {

class Engine {
 public:
  // Every method returns 0 or -errno, unless it says otherwise.
  // `testing`: never to be attached; for TestBench.
  int open(const std::string& object_path, uint32_t ring_bytes, bool testing, std::string* verifier_log);
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
  // The configuration of one interface and direction that nothing is attached to.
  int pretend(uint32_t ifindex, uint8_t hook, uint8_t flags) { return ifaces_.fill(ifindex, SONDE_INGRESS, hook, flags, false); }

 private:
  void forget_detached(uint32_t except);
  Programs programs() const;
  int link_chain();
  int read_row(uint32_t ifindex, uint32_t direction, sonde_counter_row* row) const;
  void store_control();

  Object object_;
  uint32_t ring_bytes_ = 0;
  size_t cpus_ = 0;
  UniqueMap control_;
  IfaceTable ifaces_;
  bool sample_own_ = false;
  bool have_own_ = false;
  std::map<uint32_t, Attachment> attachments_;
};

}  // namespace sonde
