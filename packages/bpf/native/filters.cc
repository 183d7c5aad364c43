#include "filters.h"

#include <bpf/bpf.h>
#include <errno.h>

#include <cstring>

#include "grace.h"

namespace sonde {
namespace {

constexpr size_t kLogBytes = 4 << 20;
constexpr size_t kLogTail = 16 * 1024;

enum bpf_prog_type type_of(size_t context) {
  switch (static_cast<Context>(context)) {
    case Context::kXdpEthernet:
    case Context::kXdpRaw:
      return BPF_PROG_TYPE_XDP;
    case Context::kSocketEthernet:
    case Context::kSocketRaw:
      return BPF_PROG_TYPE_SOCKET_FILTER;
    default:
      return BPF_PROG_TYPE_SCHED_CLS;
  }
}

int chain_fd(const Object& object, size_t context) {
  const enum bpf_prog_type type = type_of(context);
  if (type == BPF_PROG_TYPE_XDP) return object.map_fd("chain_xdp");
  return object.map_fd(type == BPF_PROG_TYPE_SOCKET_FILTER ? "chain_socket" : "chain_tc");
}

uint32_t chain_slot(size_t context) { return context % 2 == 0 ? SONDE_CHAIN_ETHERNET : SONDE_CHAIN_RAW; }

// Puts file descriptors where the code names maps by index.
int resolve_maps(const Object& object, size_t context, std::vector<uint64_t>* code) {
  const int maps[] = {object.map_fd("scratches"), chain_fd(object, context), object.map_fd("iface_slots")};
  constexpr int kMaps = sizeof(maps) / sizeof(maps[0]);
  auto* instructions = reinterpret_cast<bpf_insn*>(code->data());
  for (size_t i = 0; i < code->size(); i++) {
    bpf_insn& at = instructions[i];
    if (at.code != (BPF_LD | BPF_IMM | BPF_DW)) continue;
    if (at.src_reg != BPF_PSEUDO_MAP_FD || at.imm < 0 || at.imm >= kMaps || i + 1 == code->size()) return -EINVAL;
    at.imm = maps[at.imm];
    i++;
  }
  return 0;
}

int load_code(const Object& object, size_t context, const std::vector<uint64_t>& code, char* log, size_t log_size) {
  LIBBPF_OPTS(bpf_prog_load_opts, options);
  if (type_of(context) == BPF_PROG_TYPE_XDP) {
    options.expected_attach_type = BPF_XDP;
    options.prog_flags = object.xdp_flags();
  }
  options.log_buf = log;
  options.log_size = static_cast<uint32_t>(log_size);
  options.log_level = log == nullptr ? 0 : 1;
  const int fd = bpf_prog_load(type_of(context), "sonde_match", "Dual BSD/GPL",
                               reinterpret_cast<const bpf_insn*>(code.data()), code.size(), &options);
  return fd < 0 ? -errno : fd;
}

// The verifier writes its log only when asked, and then takes several times as long.
std::string refusal(const Object& object, size_t context, const std::vector<uint64_t>& code) {
  std::vector<char> buffer(kLogBytes, '\0');
  const UniqueFd fd(load_code(object, context, code, buffer.data(), buffer.size()));
  const std::string log(buffer.data());
  return log.size() > kLogTail ? log.substr(log.size() - kLogTail) : log;
}

uint32_t verified_instructions(int fd) {
  bpf_prog_info info;
  std::memset(&info, 0, sizeof(info));
  uint32_t size = sizeof(info);
  return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 ? info.verified_insns : 0;
}

}  // namespace

int LoadedFilters::load(const Object& object, const FilterSet& set, FilterResult* result) {
  for (size_t context = 0; context < kContexts; context++) {
    std::vector<uint64_t> code = set.programs[context];
    if (code.empty()) continue;
    result->context = static_cast<uint32_t>(context);
    int fd = resolve_maps(object, context, &code);
    if (fd == 0) fd = load_code(object, context, code, nullptr, 0);
    if (fd < 0) {
      if (fd != -EINVAL || code.size() > 1) result->log = refusal(object, context, code);
      return fd;
    }
    programs_[context] = UniqueFd(fd);
    result->verified[context] = verified_instructions(fd);
  }
  return 0;
}

int LoadedFilters::install(const Object& object) const {
  for (size_t context = 0; context < kContexts; context++) {
    const uint32_t slot = chain_slot(context);
    const int chain = chain_fd(object, context);
    const int fd = programs_[context].get();
    const int failed = fd >= 0 ? bpf_map_update_elem(chain, &slot, &fd, BPF_ANY) : bpf_map_delete_elem(chain, &slot);
    if (failed != 0 && (fd >= 0 || errno != ENOENT)) return -errno;
  }
  return wait_for_programs();  // the slot of the set before may then be written again
}

void LoadedFilters::describe(Inventory* inventory) const {
  static const char* const kNames[] = {"sonde_match_tc_ethernet",  "sonde_match_tc_raw",          "sonde_match_xdp_ethernet",
                                       "sonde_match_xdp_raw", "sonde_match_socket_ethernet", "sonde_match_socket_raw"};
  static_assert(sizeof(kNames) / sizeof(kNames[0]) == kContexts, "a name for each");
  for (size_t context = 0; context < kContexts; context++) {
    const UniqueFd& program = programs_[context];
    if (program.valid()) inventory->programs.push_back(program_facts(program.get(), kNames[context]));
  }
}

void store_set(sonde_set* to, const FilterSet& set) {
  to->number = set.number;
  to->count = static_cast<uint32_t>(set.rates.size());
  for (size_t i = 0; i < set.rates.size() && i < SONDE_MAX_FILTERS; i++) store(&to->rate[i], set.rates[i]);
}

}  // namespace sonde
