// The loaded programs, where they are attached, and their counters. For one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "../include/engine.h"
#include "interfaces.h"
#include "link.h"
#include "object.h"
#include "unique_fd.h"

namespace sonde {

enum class Mode : uint32_t { kTcx = 0, kXdpNative = 1 };

class Engine {
 public:
  // Every method returns 0 or -errno, unless it says otherwise.
  int open(const std::string& object_path, uint32_t ring_bytes, std::string* verifier_log);
  // -EEXIST: attached already; -EAFNOSUPPORT: a link type we cannot parse.
  int attach(uint32_t ifindex, Mode mode);
  void detach(uint32_t ifindex);
  int set_sampling(uint32_t sample_n, uint16_t snaplen);
  void set_sample_own(bool sample_own);
  int set_own_endpoints(const std::vector<sonde_endpoint>& endpoints);
  // Sums over CPUs; one row per interface and direction.
  int read_counters(std::vector<sonde_counter_row>* rows) const;
  // Detaches and frees everything. Idempotent.
  void close();

  int ring_fd() const { return object_.map_fd("ring"); }
  uint32_t ring_bytes() const { return ring_bytes_; }

 private:
  struct Attachment {
    bool attached = false;
    Link ingress;
    Link egress;
  };

  int fill_entry(uint32_t ifindex, uint32_t direction, uint8_t hook, uint8_t flags, bool keep);
  void drop_entries(uint32_t ifindex);
  void forget_detached(uint32_t except);
  int connect(uint32_t ifindex, Mode mode, Attachment* attachment);
  int read_row(uint32_t ifindex, uint32_t direction, sonde_counter_row* row) const;
  void store_control();

  Object object_;
  uint32_t ring_bytes_ = 0;
  size_t cpus_ = 0;
  UniqueMap control_;
  uint32_t sample_n_ = 1;
  uint16_t snaplen_ = 0;
  bool sample_own_ = false;
  bool have_own_ = false;
  std::map<uint32_t, Attachment> attachments_;
};

}  // namespace sonde
