/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Map keys, map values and the control word: what the addon and its programs tell each other and
 * nobody else sees. Both are built and shipped together, so nothing here needs a version.
 */
#ifndef SONDE_ENGINE_H
#define SONDE_ENGINE_H

#include "abi.h"

struct sonde_iface_key {
	__u32 ifindex;
	__u32 direction; /* enum sonde_direction */
};

/* sonde_iface.flags */
#define SONDE_IFACE_L3       0x01 /* frames start at the IP header */
#define SONDE_IFACE_LOOPBACK 0x02

/*
 * A bin of frame sizes: 64 bytes wide below 2 KiB, 2 KiB wide from there (33 to 63), and 32 for 64 KiB and
 * more. The classes of the wire are sums of bins: to count finely takes less than to find the class.
 */
#define SONDE_SIZE_BINS 64

static inline __u32 sonde_size_bin(__u32 bytes)
{
	if (bytes < 2048)
		return bytes >> 6;
	return 32 + (bytes < 65536 ? bytes >> 11 : 0);
}

/* Values of a TCP header's byte 13 without its two highest bits, which are counted by themselves. */
#define SONDE_TCP_FLAG_SETS 64

/* struct sonde_iface_counters as the kernel keeps it, per CPU. */
struct sonde_kernel_counters {
	struct sonde_counts proto[SONDE_VERDICT_COUNT][SONDE_PROTO_COUNT];
	__u64 unmatched;
	__u64 sampled_out;
	__u64 ring_lost;
	__u64 delivered;
	__u64 no_reader;
	struct sonde_counts unflowed;
	struct sonde_counts non_flow;
	__u64 tcp_flag_sets[SONDE_TCP_FLAG_SETS];
	__u64 tcp_ece;
	__u64 tcp_cwr;
	__u64 size_bins[SONDE_SIZE_BINS];
	__u64 malformed[SONDE_PARSE_ERR_COUNT];
};

/* One attached interface and direction; the first 8 bytes are the same on every CPU. */
struct sonde_iface {
	__u8 hook; /* enum sonde_hook */
	__u8 flags;
	__u16 in_slot; /* 1: this entry stands in iface_slots */
	__u32 ifindex;
	struct sonde_kernel_counters c;
};
_Static_assert(sizeof(struct sonde_iface) < 32768, "the kernel allocates a per-CPU value in one piece of at most 32 KiB");

/*
 * Most interfaces have a slot of an array, where their entry costs a few ns; those whose slot another one
 * took stand in a hash.
 */
#define SONDE_IFACE_SLOTS 64

#define SONDE_NO_SLOT 0xffffffffu

static inline __u32 sonde_iface_slot(__u32 ifindex, __u32 direction)
{
	return ifindex % SONDE_IFACE_SLOTS * 2 + direction % 2;
}

/* A TCP endpoint of Sonde itself. */
struct sonde_endpoint {
	__u8 addr[16]; /* be; IPv4 in the first 4 bytes, rest zero */
	__u16 port;    /* be */
	__u16 family;  /* 4 or 6 */
	__u32 reserved;
};
_Static_assert(sizeof(struct sonde_endpoint) == 24, "endpoint key");

/* sonde_control.flags */
#define SONDE_CTL_OWN 0x01 /* own endpoints exist and are not to be sampled */

/*
 * Flows are counted in one of two sides, and user space drains the other. On each side every CPU has a table
 * of its own, where a flow has one place: no lock, no atomic, no walk. What finds its place taken goes to a
 * hash map (flows_a, flows_b), and what finds no room there either is counted as unflowed.
 */
#define SONDE_FLOW_SIDES 2
#define SONDE_FLOW_PLACES 2048

struct sonde_flow_value {
	__u64 first; /* jiffies64 */
	__u64 last;
	struct sonde_counts n; /* frames 0: the place is free */
	__u8 tcp_flags;
	__u8 verdict;
	__u8 reserved[6];
};

/* Two cache lines. key.reserved is the CPU, so that nobody else writes to its entry of the hash map. */
struct sonde_flow_place {
	struct sonde_flow_key key;
	struct sonde_flow_value value;
	__u8 padding[24];
};
_Static_assert(sizeof(struct sonde_flow_place) == 128, "two cache lines");

struct sonde_flow_table {
	struct sonde_flow_place place[SONDE_FLOW_PLACES];
};

/* Which element of flow_tables. */
static inline __u32 sonde_flow_table_index(__u32 cpu, __u32 side)
{
	return cpu * SONDE_FLOW_SIDES + side;
}

#define SONDE_MAX_FILTERS 64

/*
 * One filter's sampling, one aligned u64 so that a packet reads all of it at once:
 * bits 0–31 N, bits 32–47 snaplen.
 */
static inline __u64 sonde_rate(__u32 sample_n, __u16 snaplen)
{
	return (__u64)sample_n | (__u64)snaplen << 32;
}

static inline __u32 sonde_rate_n(__u64 rate)
{
	return (__u32)rate;
}

static inline __u32 sonde_rate_snaplen(__u64 rate)
{
	return (rate >> 32) & 0xffff;
}

/*
 * Filter sets lie in slots: two in turn for those of the user, so that packets still inside the old
 * match program find its rates and counters, and one for the built-in set 0, "everything".
 */
#define SONDE_SET_SLOTS 3
#define SONDE_SET_BUILTIN 2

struct sonde_set {
	__u32 number;
	__u32 count; /* of its filters */
	__u64 rate[SONDE_MAX_FILTERS];
};

/* Per-CPU counters of the sets, by slot. */
struct sonde_set_counters {
	struct sonde_filter_counters filter[SONDE_MAX_FILTERS];
};

/* What an instance is for: a constant of its programs, set before they are loaded. */
enum sonde_mode {
	SONDE_MODE_LIVE,
	SONDE_MODE_TEST,   /* each packet comes with struct sonde_given, and is answered there instead of in the ring */
	SONDE_MODE_REPLAY, /* likewise, but goes into the ring */
};

/* Of a packet that user space runs through the programs. */
struct sonde_given {
	__u32 wire_len;
	__u32 skip;    /* bytes before the packet */
	__u64 ts_ns;   /* replay: its CLOCK_BOOTTIME … */
	__u64 jiffies; /* … and the same in jiffies64 */
	__u64 matched;              /* out */
	struct sonde_record rec;    /* out: what the parser saw */
	struct sonde_tunnel tunnel; /* out: where rec.flags say so */
};

/* The control area, mapped into user space; every word is stored there by one aligned write. */
struct sonde_control {
	__u64 flags;
	__u64 lease;   /* jiffies64 until which somebody reads the ring */
	__u64 jiffies; /* out: jiffies64 when sonde_clock ran */
	__u64 flow_side; /* 0 or 1: where flows are counted */
	__u64 flow_seed; /* secret, so that nobody chooses which flows meet in one place */
	struct sonde_given given;
	__u64 own_ports[65536 / 64]; /* bit per port (as in the packet) of own_endpoints: most packets need ask no further */
	struct sonde_set sets[SONDE_SET_SLOTS];
};

/*
 * Per-CPU scratch of the chain main → match → emit. The first part is also known to src/translate,
 * whose generated programs read the frame from the window: its first bytes as tcpdump sees them, an
 * outer tag from skb metadata put in place.
 */
#define SONDE_WINDOW 128

/*
 * The commonest frames: untagged Ethernet, sound, a whole datagram without IPv4 options or IPv6 extension
 * headers. Match programs have a short way for each (src/translate/shapes.ts).
 */
enum sonde_shape { SONDE_SHAPE_OTHER, SONDE_SHAPE_TCP4, SONDE_SHAPE_UDP4, SONDE_SHAPE_TCP6, SONDE_SHAPE_UDP6 };

struct sonde_scratch {
	__u64 matched;    /*  0: bit per filter */
	__u32 cap_len;    /*  8: bytes of the frame that are here, the tag from metadata included */
	__u32 wire_len;   /* 12 */
	__u32 packet_type; /* 16: 4 (PACKET_OUTGOING, linux/if_packet.h) on egress, else 0 */
	__s32 shift;      /* 20: added to an offset in the frame it is one in the kernel's buffer */
	__u32 set;        /* 24: slot of the filter set whose program runs */
	__u32 shape;      /* 28: enum sonde_shape */
	__u32 iface_slot; /* 32: where the interface's counters lie in iface_slots, or SONDE_NO_SLOT */
	__u32 cpu;        /* 36: whose scratch this is; written by user space */
	__u8 window[SONDE_WINDOW]; /* 40 */
	__u8 far[64];     /* a header from behind the window */
	__u32 off;        /* where the parser stopped: before what a tunnel carries */
	__u32 end;        /* of the innermost layer that tells its length */
	struct sonde_tunnel tunnel;
	struct sonde_record inner; /* what the parser sees inside a tunnel */
	__u64 selected;   /* filters that chose the packet, the smallest N and the largest snaplen among them */
	__u32 sample_n;
	__u32 snaplen;
	/* From here on: what goes into the ring. */
	__u32 filter_set; /* number of the set: records of two sets never share a batch */
	__u32 padding;
	struct sonde_record rec;
	/* One more than captured, whose padding is zeroed first; then the tunnel's trailer. */
	__u64 data[SONDE_MAX_SNAPLEN / 8 + 1 + sizeof(struct sonde_tunnel) / 8];
};

/* What stands before each record in the ring, and is not part of it: filter_set and padding. */
#define SONDE_RING_PREFIX 8
_Static_assert(__builtin_offsetof(struct sonde_scratch, rec) ==
	       __builtin_offsetof(struct sonde_scratch, filter_set) + SONDE_RING_PREFIX, "ring prefix");

/* Slots of the prog_arrays chain_tc, chain_xdp and chain_socket. */
enum sonde_chain { SONDE_CHAIN_ETHERNET, SONDE_CHAIN_RAW, SONDE_CHAIN_EMIT, SONDE_CHAIN_TUNNEL, SONDE_CHAIN_SLOTS };

#endif
