/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SONDE_MAPS_BPF_H
#define SONDE_MAPS_BPF_H

/*
 * Configuration and exact counters of an interface and direction in one value: one lookup per packet.
 * The hash takes those that have no slot, allocated per entry, since few hosts have any.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 2 * SONDE_MAX_INTERFACES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sonde_iface_key);
	__type(value, struct sonde_iface);
} ifaces SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2 * SONDE_IFACE_SLOTS);
	__type(key, __u32);
	__type(value, struct sonde_iface);
} iface_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct sonde_control);
} control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SONDE_MAX_OWN_ENDPOINTS);
	__type(key, struct sonde_endpoint);
	__type(value, __u8);
} own_endpoints SEC(".maps");

/* By CPU and side; mapped, so that user space reads and empties them without a call. The size is set by the addon. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SONDE_FLOW_SIDES);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct sonde_flow_table);
} flow_tables SEC(".maps");

/* The size of both is set by the addon. */
struct flow_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct sonde_flow_key);
	__type(value, struct sonde_flow_value);
} flows_a SEC(".maps"), flows_b SEC(".maps");

/* Safe per CPU: every hook runs with bottom halves disabled. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sonde_scratch);
} scratches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SONDE_SET_SLOTS);
	__type(key, __u32);
	__type(value, struct sonde_set_counters);
} set_counters SEC(".maps");

/* Match programs by link type, and emit. One array per program type: the kernel refuses to mix them. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SONDE_CHAIN_SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} chain_tc SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SONDE_CHAIN_SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} chain_xdp SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SONDE_CHAIN_SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} chain_socket SEC(".maps");

/* The size is set by the addon before loading. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} ring SEC(".maps");

/* The only place that knows how an interface's entry is found; null when it is not attached. */
static __always_inline struct sonde_iface *find_iface(__u32 ifindex, __u32 direction)
{
	struct sonde_iface_key key = { .ifindex = ifindex, .direction = direction };
	__u32 slot = sonde_iface_slot(ifindex, direction);
	struct sonde_iface *iface = bpf_map_lookup_elem(&iface_slots, &slot);

	if (iface && iface->ifindex == ifindex)
		return iface;
	return bpf_map_lookup_elem(&ifaces, &key);
}

/* For the match program, which counts what no filter takes. */
static __always_inline __u32 iface_slot(const struct sonde_iface *iface, __u32 ifindex, __u32 direction)
{
	return iface->in_slot ? sonde_iface_slot(ifindex, direction) : SONDE_NO_SLOT;
}

static __always_inline struct sonde_scratch *find_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

static __always_inline struct sonde_control *find_control(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&control, &zero);
}

#endif
