#include "engine.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

#include <cstring>
#include <iterator>
#include <set>
#include <utility>

#include "boottime.h"
#include "fold.h"
#include "grace.h"

namespace sonde {
namespace {

constexpr uint32_t kDirections[] = {SONDE_INGRESS, SONDE_EGRESS};

bool operator_less(const sonde_endpoint& a, const sonde_endpoint& b) { return std::memcmp(&a, &b, sizeof(a)) < 0; }

// Enough for a process that is held up, and little beside what a dead one could still fill.
constexpr uint64_t kLeaseSeconds = 10;

// The coarse clocks advance once per jiffy (kernel/time/posix-timers.c posix_get_coarse_res).
uint64_t ns_per_tick() {
  struct timespec tick = {};
  clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
  return tick.tv_nsec > 0 ? static_cast<uint64_t>(tick.tv_nsec) : 10000000;
}

template <typename T>
void add_counters(T* sum, const T& part) {
  static_assert(sizeof(T) % sizeof(uint64_t) == 0, "counters are u64 throughout");
  auto* to = reinterpret_cast<uint64_t*>(sum);
  const auto* from = reinterpret_cast<const uint64_t*>(&part);
  for (size_t i = 0; i < sizeof(*sum) / sizeof(uint64_t); i++) to[i] += from[i];
}

}  // namespace

int Engine::open(const std::string& object_path, const EngineOptions& options, std::string* verifier_log) {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return cpus;
  cpus_ = static_cast<size_t>(cpus);
  ring_bytes_ = options.ring_bytes;
  const ObjectOptions wanted = {options.ring_bytes, options.flow_entries, static_cast<uint32_t>(cpus), options.mode};
  int err = object_.load(object_path, wanted, verifier_log);
  if (err == 0) err = control_.map(object_.map_fd("control"), sizeof(sonde_control), PROT_READ | PROT_WRITE, 0);
  if (err == 0) err = flows_.open(object_.map_fd("flow_tables"), object_.map_fd("flows_a"), object_.map_fd("flows_b"), cpus_);
  if (err == 0) {
    ifaces_.open(object_.map_fd("iface_slots"), object_.map_fd("ifaces"), cpus_);
    err = name_cpus();
  }
  if (err == 0) err = link_chain();
  if (err != 0) close();
  return err;
}

// Tells each CPU's scratch whose it is, and the programs what nobody else is to know.
int Engine::name_cpus() {
  std::vector<sonde_scratch> scratches(cpus_);
  for (size_t cpu = 0; cpu < cpus_; cpu++) scratches[cpu].cpu = static_cast<uint32_t>(cpu);
  const uint32_t zero = 0;
  if (bpf_map_update_elem(object_.map_fd("scratches"), &zero, scratches.data(), BPF_ANY) != 0) return -errno;
  return getrandom(&control()->flow_seed, sizeof(control()->flow_seed), 0) < 0 ? -errno : 0;
}

int Engine::attach(uint32_t ifindex, uint8_t ingress, uint8_t egress) {
  const auto known = attachments_.find(ifindex);
  const bool keep = known != attachments_.end();
  if (keep && known->second.attached()) return -EEXIST;
  Interface device;
  int err = find_interface(ifindex, &device);
  if (err != 0) return err;
  const Kind kind = kind_of(device.type);
  if (kind == Kind::kOther) return -EAFNOSUPPORT;
  forget_detached(ifindex);
  const uint8_t flags = static_cast<uint8_t>((kind == Kind::kL3 ? SONDE_IFACE_L3 : 0) |
                                             (kind == Kind::kLoopback ? SONDE_IFACE_LOOPBACK : 0));
  Attachment attachment;
  err = ifaces_.fill(ifindex, SONDE_INGRESS, ingress, flags, keep);
  if (err == 0) err = ifaces_.fill(ifindex, SONDE_EGRESS, egress, flags, keep);
  if (err == 0) err = attachment.attach(programs(), ifindex, ingress, egress);
  if (err != 0) {
    if (!keep) ifaces_.drop(ifindex);
    return err;
  }
  attachments_[ifindex] = std::move(attachment);
  return 0;
}

Programs Engine::programs() const {
  return {object_.program_fd("sonde_tc_in"), object_.program_fd("sonde_tc_out"), object_.program_fd("sonde_xdp_in"),
          object_.program_fd("sonde_socket")};
}

bool Engine::attached(uint32_t ifindex) const {
  const auto found = attachments_.find(ifindex);
  return found != attachments_.end() && found->second.alive();
}

void Engine::detach(uint32_t ifindex) {
  const auto found = attachments_.find(ifindex);
  if (found != attachments_.end()) found->second.detach();
}

// Interfaces come and go on a container host; what has gone must not fill the map.
void Engine::forget_detached(uint32_t except) {
  for (auto it = attachments_.begin(); it != attachments_.end();) {
    if (it->second.attached() || it->first == except) {
      ++it;
      continue;
    }
    ifaces_.drop(it->first);
    it = attachments_.erase(it);
  }
}

int Engine::link_chain() {
  struct Place {
    const char* chain;
    uint32_t slot;
    const char* program;
  };
  const Place places[] = {{"chain_tc", SONDE_CHAIN_EMIT, "sonde_tc_emit"},         {"chain_tc", SONDE_CHAIN_TUNNEL, "sonde_tc_tunnel"},
                          {"chain_xdp", SONDE_CHAIN_EMIT, "sonde_xdp_emit"},       {"chain_xdp", SONDE_CHAIN_TUNNEL, "sonde_xdp_tunnel"},
                          {"chain_socket", SONDE_CHAIN_EMIT, "sonde_socket_emit"}, {"chain_socket", SONDE_CHAIN_TUNNEL, "sonde_socket_tunnel"}};
  for (const Place& place : places) {
    const int fd = object_.program_fd(place.program);
    if (bpf_map_update_elem(object_.map_fd(place.chain), &place.slot, &fd, BPF_ANY) != 0) return -errno;
  }
  return 0;
}

int Engine::set_filters(const FilterSet& set, FilterResult* result) {
  LoadedFilters loaded;
  int err = loaded.load(object_, set, result);
  if (err != 0) return err;
  if (!set.rates.empty()) {
    const std::vector<sonde_set_counters> none(cpus_, sonde_set_counters{});
    if (bpf_map_update_elem(object_.map_fd("set_counters"), &set.slot, none.data(), BPF_ANY) != 0) return -errno;
    store_set(&control()->sets[set.slot], set);
  }
  err = loaded.install(object_);
  if (err == 0) filters_ = std::move(loaded);
  return err;
}

Inventory Engine::describe(std::optional<uint64_t> waiting) const {
  Inventory inventory;
  object_.describe(&inventory);
  filters_.describe(&inventory);
  uint64_t without_slot = 0;
  for (const auto& [ifindex, attachment] : attachments_) without_slot += ifaces_.has_slot(ifindex) ? 0 : std::size(kDirections);
  const std::pair<const char*, std::optional<uint64_t>> known[] = {
      {"flows_a", flows_.mapped(0)}, {"flows_b", flows_.mapped(1)}, {"own_endpoints", own_}, {"ifaces", without_slot}, {"ring", waiting}};
  for (MapFacts& map : inventory.maps) {
    for (const auto& [name, entries] : known) {
      if (map.name == name) map.entries = entries;
    }
  }
  return inventory;
}

int Engine::read_filter_counters(std::vector<sonde_filter_row>* rows) const {
  std::vector<sonde_set_counters> values(cpus_);
  for (uint32_t slot = 0; slot < SONDE_SET_SLOTS; slot++) {
    const sonde_set& set = control()->sets[slot];
    if (set.count == 0) continue;
    if (bpf_map_lookup_elem(object_.map_fd("set_counters"), &slot, values.data()) != 0) return -errno;
    for (uint32_t bit = 0; bit < set.count; bit++) {
      sonde_filter_row row = {set.number, bit, {}};
      for (const sonde_set_counters& value : values) add_counters(&row.c, value.filter[bit]);
      rows->push_back(row);
    }
  }
  return 0;
}

int Engine::read_clock(Tick* tick) const {
  const uint8_t frame[64] = {};
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = frame;
  options.data_size_in = sizeof(frame);
  options.repeat = 1;
  if (bpf_prog_test_run_opts(object_.program_fd("sonde_clock"), &options) != 0) return -errno;
  *tick = {boottime_ns(), __atomic_load_n(&control()->jiffies, __ATOMIC_ACQUIRE), ns_per_tick()};
  return 0;
}

int Engine::renew_lease() {
  Tick tick = {};
  const int err = read_clock(&tick);
  if (err == 0) store(&control()->lease, tick.now + kLeaseSeconds * 1000000000 / tick.ns);
  return err;
}

int Engine::drain_flows(std::vector<sonde_flow>* flows) {
  const auto side = static_cast<uint32_t>(control()->flow_side);
  store(&control()->flow_side, side == 0 ? 1 : 0);
  Tick tick = {};
  int err = wait_for_programs();
  if (err == 0) err = read_clock(&tick);
  return err == 0 ? flows_.take(side, tick, flows) : err;
}

void Engine::end_lease() { store(&control()->lease, 0); }

int Engine::set_sampling(uint32_t sample_n, uint16_t snaplen) {
  if (sample_n == 0 || snaplen > SONDE_MAX_SNAPLEN) return -EINVAL;
  control()->sets[SONDE_SET_BUILTIN].count = 1;
  store(&control()->sets[SONDE_SET_BUILTIN].rate[0], sonde_rate(sample_n, snaplen));
  return 0;
}

void Engine::set_sample_own(bool sample_own) {
  sample_own_ = sample_own;
  store_control();
}

int Engine::set_own_endpoints(const std::vector<sonde_endpoint>& endpoints) {
  if (endpoints.size() > SONDE_MAX_OWN_ENDPOINTS) return -E2BIG;
  const int fd = object_.map_fd("own_endpoints");
  const std::set<sonde_endpoint, decltype(&operator_less)> wanted(endpoints.begin(), endpoints.end(), operator_less);
  std::vector<sonde_endpoint> gone;
  sonde_endpoint key = {};
  const sonde_endpoint* previous = nullptr;
  while (bpf_map_get_next_key(fd, previous, &key) == 0) {
    if (wanted.count(key) == 0) gone.push_back(key);
    previous = &key;
  }
  for (const sonde_endpoint& endpoint : gone) bpf_map_delete_elem(fd, &endpoint);
  const uint8_t present = 1;
  for (const sonde_endpoint& endpoint : wanted) {
    if (bpf_map_update_elem(fd, &endpoint, &present, BPF_ANY) != 0) return -errno;
  }
  std::vector<uint64_t> ports(std::size(control()->own_ports));
  for (const sonde_endpoint& endpoint : wanted) ports[endpoint.port / 64] |= uint64_t{1} << endpoint.port % 64;
  for (size_t i = 0; i < ports.size(); i++) store(&control()->own_ports[i], ports[i]);
  own_ = static_cast<uint32_t>(wanted.size());
  store_control();
  return 0;
}

void Engine::store_control() { store(&control()->flags, own_ > 0 && !sample_own_ ? SONDE_CTL_OWN : 0); }

int Engine::read_row(uint32_t ifindex, uint32_t direction, sonde_counter_row* row) const {
  std::vector<sonde_iface> values;
  const int err = ifaces_.read(ifindex, direction, &values);
  if (err != 0) return err;
  *row = {};
  row->ifindex = ifindex;
  row->direction = static_cast<uint8_t>(direction);
  row->hook = values[0].hook;
  sonde_kernel_counters sum = {};
  for (const sonde_iface& value : values) add_counters(&sum, value.c);
  row->c = fold_counters(sum);
  return 0;
}

int Engine::pretend(uint32_t ifindex, uint8_t hook, uint8_t flags) {
  const int err = ifaces_.fill(ifindex, SONDE_INGRESS, hook, flags, pretended_ == ifindex);
  if (err == 0) pretended_ = ifindex;
  return err;
}

int Engine::read_counters(std::vector<sonde_counter_row>* rows) const {
  if (pretended_ != 0) {
    sonde_counter_row row;
    const int err = read_row(pretended_, SONDE_INGRESS, &row);
    if (err != 0) return err;
    rows->push_back(row);
  }
  for (const auto& [ifindex, attachment] : attachments_) {
    for (const uint32_t direction : kDirections) {
      sonde_counter_row row;
      const int err = read_row(ifindex, direction, &row);
      if (err != 0) return err;
      rows->push_back(row);
    }
  }
  return 0;
}

void Engine::close() {
  attachments_.clear();
  control_ = UniqueMap();
  flows_.close();
  filters_ = LoadedFilters();
  object_.close();
}

}  // namespace sonde
