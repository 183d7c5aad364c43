// Prints what the compiler made of abi.h, and of the scratch that generated programs read: {"struct": {"size": n, "fields": {"name": [offset, size]}}}.
#include <cstddef>
#include <cstdio>

#include "../include/engine.h"

#define FIELD(type, name) \
  std::printf("%s\"" #name "\":[%zu,%zu]", first ? "" : ",", offsetof(type, name), sizeof(static_cast<type*>(nullptr)->name)), first = false
#define BEGIN(type) std::printf("\"" #type "\":{\"size\":%zu,\"fields\":{", sizeof(type)), first = true
#define END(last) std::printf("}}%s\n", last ? "" : ",")

int main() {
  bool first = true;
  std::printf("{");
  BEGIN(sonde_record);
  FIELD(sonde_record, rec_len);
  FIELD(sonde_record, cap_len);
  FIELD(sonde_record, wire_len);
  FIELD(sonde_record, ts_ns);
  FIELD(sonde_record, ifindex);
  FIELD(sonde_record, sample_n);
  FIELD(sonde_record, matched);
  FIELD(sonde_record, selected);
  FIELD(sonde_record, saddr);
  FIELD(sonde_record, daddr);
  FIELD(sonde_record, sport);
  FIELD(sonde_record, dport);
  FIELD(sonde_record, eth_proto);
  FIELD(sonde_record, vlan_tci);
  FIELD(sonde_record, vlan_inner_tci);
  FIELD(sonde_record, gso_segs);
  FIELD(sonde_record, l3_off);
  FIELD(sonde_record, l4_off);
  FIELD(sonde_record, direction);
  FIELD(sonde_record, hook);
  FIELD(sonde_record, verdict);
  FIELD(sonde_record, parse_err);
  FIELD(sonde_record, ip_proto);
  FIELD(sonde_record, tcp_flags);
  FIELD(sonde_record, flags);
  FIELD(sonde_record, proto);
  END(false);
  BEGIN(sonde_batch_header);
  FIELD(sonde_batch_header, magic);
  FIELD(sonde_batch_header, version);
  FIELD(sonde_batch_header, kind);
  FIELD(sonde_batch_header, host_id);
  FIELD(sonde_batch_header, boot_id);
  FIELD(sonde_batch_header, stream);
  FIELD(sonde_batch_header, sequence);
  FIELD(sonde_batch_header, filter_set);
  FIELD(sonde_batch_header, count);
  FIELD(sonde_batch_header, body_len);
  FIELD(sonde_batch_header, sample_n);
  FIELD(sonde_batch_header, first_ns);
  FIELD(sonde_batch_header, last_ns);
  FIELD(sonde_batch_header, ring_lost);
  FIELD(sonde_batch_header, queue_lost);
  FIELD(sonde_batch_header, snaplen);
  FIELD(sonde_batch_header, reserved);
  END(false);
  BEGIN(sonde_counter_row);
  FIELD(sonde_counter_row, ifindex);
  FIELD(sonde_counter_row, direction);
  FIELD(sonde_counter_row, hook);
  FIELD(sonde_counter_row, reserved);
  FIELD(sonde_counter_row, c.proto);
  FIELD(sonde_counter_row, c.unmatched);
  FIELD(sonde_counter_row, c.sampled_out);
  FIELD(sonde_counter_row, c.ring_lost);
  FIELD(sonde_counter_row, c.delivered);
  FIELD(sonde_counter_row, c.no_reader);
  FIELD(sonde_counter_row, c.malformed);
  END(false);
  BEGIN(sonde_filter_row);
  FIELD(sonde_filter_row, filter_set);
  FIELD(sonde_filter_row, bit);
  FIELD(sonde_filter_row, c.matched);
  FIELD(sonde_filter_row, c.sampled_out);
  FIELD(sonde_filter_row, c.ring_lost);
  FIELD(sonde_filter_row, c.no_reader);
  FIELD(sonde_filter_row, c.delivered);
  END(false);
  BEGIN(sonde_iface);
  FIELD(sonde_iface, hook);
  FIELD(sonde_iface, flags);
  FIELD(sonde_iface, in_slot);
  FIELD(sonde_iface, ifindex);
  FIELD(sonde_iface, c.proto);
  FIELD(sonde_iface, c.unmatched);
  FIELD(sonde_iface, c.sampled_out);
  FIELD(sonde_iface, c.ring_lost);
  FIELD(sonde_iface, c.delivered);
  FIELD(sonde_iface, c.no_reader);
  FIELD(sonde_iface, c.malformed);
  END(false);
  BEGIN(sonde_scratch);
  FIELD(sonde_scratch, matched);
  FIELD(sonde_scratch, cap_len);
  FIELD(sonde_scratch, wire_len);
  FIELD(sonde_scratch, packet_type);
  FIELD(sonde_scratch, shift);
  FIELD(sonde_scratch, set);
  FIELD(sonde_scratch, shape);
  FIELD(sonde_scratch, iface_slot);
  FIELD(sonde_scratch, reserved);
  FIELD(sonde_scratch, window);
  FIELD(sonde_scratch, far);
  FIELD(sonde_scratch, selected);
  FIELD(sonde_scratch, sample_n);
  FIELD(sonde_scratch, snaplen);
  FIELD(sonde_scratch, filter_set);
  FIELD(sonde_scratch, padding);
  FIELD(sonde_scratch, rec);
  FIELD(sonde_scratch, data);
  END(true);
  std::printf("}\n");
  return 0;
}
