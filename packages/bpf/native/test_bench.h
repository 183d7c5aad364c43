// Packets through the real programs by BPF_PROG_RUN, without traffic: an engine of its own, never attached.
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
};
static_assert(sizeof(TestResult) == 112, "test result");

struct TestPacket {
  const uint8_t* bytes;
  uint32_t length;
  uint32_t wire_length;
};

// For an engine opened for testing. Returns 0, or -errno when nothing could be run.
int test_packets(Engine* engine, TestHook hook, bool raw, const std::vector<TestPacket>& packets, std::vector<TestResult>* results);

// Mean ns per run of one Ethernet frame through an engine that was not opened for testing, or -errno.
int64_t measure_packet(Engine* engine, TestHook hook, const std::vector<uint8_t>& frame, uint32_t repeat);

}  // namespace sonde
