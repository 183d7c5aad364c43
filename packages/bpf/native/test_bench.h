// Given packets through the real programs by BPF_PROG_RUN, without traffic: an engine of its own, never attached.
#pragma once

#include <cstdint>
#include <vector>

#include "engine.h"

namespace sonde {

enum class TestHook : uint32_t { kTc = 0, kXdp = 1 };

// One packet's answer; src/test-run.ts reads it by these offsets.
struct TestResult {
  int32_t err;  // 0, or the -errno with which the kernel refused to run it
  uint32_t reserved;
  uint64_t matched;
  sonde_record record;
  sonde_tunnel tunnel;  // zero unless record.flags say otherwise
};
static_assert(sizeof(TestResult) == 160, "test result");

struct TestPacket {
  const uint8_t* bytes;
  uint32_t length;
  uint32_t wire_length;
};

// For an engine in test mode. Returns 0, or -errno when nothing could be run.
int test_packets(Engine* engine, TestHook hook, bool raw, const std::vector<TestPacket>& packets, std::vector<TestResult>* results);

struct Injected {
  uint32_t ran;
  uint32_t refused;  // the kernel takes no test run of them
};

// For an engine in replay mode: as if each packet came in at its time, CLOCK_BOOTTIME ns. Returns 0 or -errno.
int inject_packets(Engine* engine, TestHook hook, bool raw, const std::vector<TestPacket>& packets, const uint64_t* times,
                   Injected* injected);

// Mean ns per run of one Ethernet frame through an engine in live mode, or -errno.
int64_t measure_packet(Engine* engine, TestHook hook, const std::vector<uint8_t>& frame, uint32_t repeat);

}  // namespace sonde
