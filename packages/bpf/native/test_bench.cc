#include "test_bench.h"

#include <bpf/bpf.h>
#include <errno.h>

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

// Puts packets behind the carrier, one after the other, and runs them.
class Runner {
 public:
  Runner(Engine* engine, TestHook hook) : engine_(engine), fd_(program_of(*engine, hook)), data_(kCarrier, kCarrier + sizeof(kCarrier)) {}

  int open(TestHook hook, bool raw) {
    if (fd_ < 0) return fd_;
    given()->skip = sizeof(kCarrier);
    return engine_->pretend(kLoopback, hook_of(hook), raw ? SONDE_IFACE_L3 : 0);
  }
  sonde_given* given() { return &engine_->control()->given; }
  int run(const TestPacket& packet) {
    data_.resize(sizeof(kCarrier));
    data_.insert(data_.end(), packet.bytes, packet.bytes + packet.length);
    given()->wire_len = packet.wire_length;
    const int err = run_once(fd_, data_);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return err;
  }

 private:
  Engine* engine_;
  int fd_;
  std::vector<uint8_t> data_;
};

}  // namespace

int test_packets(Engine* engine, TestHook hook, bool raw, const std::vector<TestPacket>& packets, std::vector<TestResult>* results) {
  Runner runner(engine, hook);
  const int err = runner.open(hook, raw);
  if (err != 0) return err;
  const sonde_given* given = runner.given();
  for (const TestPacket& packet : packets) {
    runner.given()->matched = 0;
    TestResult result = {};
    result.err = runner.run(packet);
    if (result.err == 0) {
      result.matched = given->matched;
      result.record = given->rec;
      if ((given->rec.flags & SONDE_REC_TUNNEL) != 0) result.tunnel = given->tunnel;
    }
    results->push_back(result);
  }
  return 0;
}

int inject_packets(Engine* engine, TestHook hook, bool raw, const std::vector<TestPacket>& packets, const uint64_t* times,
                   Injected* injected) {
  Runner runner(engine, hook);
  Tick tick = {};
  int err = runner.open(hook, raw);
  if (err == 0) err = engine->tick(&tick);
  if (err != 0) return err;
  *injected = {};
  for (size_t i = 0; i < packets.size(); i++) {
    runner.given()->ts_ns = times[i];
    runner.given()->jiffies = tick.jiffies(times[i]);
    (runner.run(packets[i]) == 0 ? injected->ran : injected->refused)++;
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
