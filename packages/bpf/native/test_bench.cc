#include "test_bench.h"

#include <bpf/bpf.h>
#include <errno.h>

#include <cstring>

namespace sonde {
namespace {

// Test runs are on the loopback device of the current network namespace.
constexpr uint32_t kLoopback = 1;

/*
 * What the kernel wants of a test run's data (an Ethernet header, whole IP headers behind an IP EtherType)
 * must not decide which packets can be tried: each stands behind an Ethernet header of its own with the
 * EtherType for local experiments (IEEE 802), which the programs skip.
 */
constexpr uint8_t kCarrier[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x88, 0xb5};

int program_of(const Engine& engine, TestHook hook) {
  return engine.object().program_fd(hook == TestHook::kXdp ? "sonde_xdp_in" : "sonde_tc_in");
}

uint8_t hook_of(TestHook hook) {
  return static_cast<uint8_t>(hook == TestHook::kXdp ? SONDE_HOOK_XDP_NATIVE : SONDE_HOOK_TCX);
}

int run_once(int fd, const std::vector<uint8_t>& data) {
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = data.data();
  options.data_size_in = static_cast<uint32_t>(data.size());
  options.repeat = 1;
  return bpf_prog_test_run_opts(fd, &options) == 0 ? 0 : -errno;
}

}  // namespace

int test_packets(Engine* engine, TestHook hook, bool raw, const std::vector<TestPacket>& packets, std::vector<TestResult>* results) {
  const int fd = program_of(*engine, hook);
  const int err = fd < 0 ? fd : engine->pretend(kLoopback, hook_of(hook), raw ? SONDE_IFACE_L3 : 0);
  if (err != 0) return err;
  sonde_test* test = &engine->control()->test;
  test->skip = sizeof(kCarrier);
  std::vector<uint8_t> data(kCarrier, kCarrier + sizeof(kCarrier));
  for (const TestPacket& packet : packets) {
    data.resize(sizeof(kCarrier));
    data.insert(data.end(), packet.bytes, packet.bytes + packet.length);
    test->wire_len = packet.wire_length;
    test->matched = 0;
    TestResult result = {};
    result.err = run_once(fd, data);
    if (result.err == 0) {
      __atomic_thread_fence(__ATOMIC_ACQUIRE);
      result.matched = test->matched;
      std::memcpy(&result.record, &test->rec, sizeof(result.record));
    }
    results->push_back(result);
  }
  return 0;
}

int64_t measure_packet(Engine* engine, TestHook hook, const std::vector<uint8_t>& frame, uint32_t repeat) {
  const int fd = program_of(*engine, hook);
  const int err = fd < 0 ? fd : engine->pretend(kLoopback, hook_of(hook), 0);
  if (err != 0) return err;
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = frame.data();
  options.data_size_in = static_cast<uint32_t>(frame.size());
  options.repeat = static_cast<int>(repeat);
  return bpf_prog_test_run_opts(fd, &options) == 0 ? static_cast<int64_t>(options.duration) : -errno;
}

}  // namespace sonde
