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

/* One attached interface and direction; the first 8 bytes are the same on every CPU. */
struct sonde_iface {
	__u8 hook; /* enum sonde_hook */
	__u8 flags;
	__u16 in_slot; /* 1: this entry stands in iface_slots */
	__u32 ifindex;
	struct sonde_iface_counters c;
};
_Static_assert(sizeof(struct sonde_iface) == 416, "interface value");

/*
 * Most interfaces have a slot of an array, where their entry costs a few ns; those whose slot another one
 * took stand in a hash.
 */
#define SONDE_IFACE_SLOTS 128

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

/* Of a test run: the packet's length on the wire, and how many bytes lie before it. */
struct sonde_test {
	__u32 wire_len;
	__u32 skip;
	__u64 matched;           /* out */
	struct sonde_record rec; /* out: what the parser saw */
};

/* The control area, mapped into user space; every word is stored there by one aligned write. */
struct sonde_control {
	__u64 flags;
	__u64 lease;   /* jiffies64 until which somebody reads the ring */
	__u64 jiffies; /* out: jiffies64 when sonde_clock ran */
	struct sonde_test test;
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
	__u32 reserved;   /* 36 */
	__u8 window[SONDE_WINDOW]; /* 40 */
	__u8 far[64];     /* a header from behind the window */
	__u64 selected;   /* filters that chose the packet, the smallest N and the largest snaplen among them */
	__u32 sample_n;
	__u32 snaplen;
	/* From here on: what goes into the ring. */
	__u32 filter_set; /* number of the set: records of two sets never share a batch */
	__u32 padding;
	struct sonde_record rec;
	__u64 data[SONDE_MAX_SNAPLEN / 8 + 1]; /* one more than captured: padding is zeroed first */
};

/* What stands before each record in the ring, and is not part of it: filter_set and padding. */
#define SONDE_RING_PREFIX 8
_Static_assert(__builtin_offsetof(struct sonde_scratch, rec) ==
	       __builtin_offsetof(struct sonde_scratch, filter_set) + SONDE_RING_PREFIX, "ring prefix");

/* Slots of the prog_arrays chain_tc, chain_xdp and chain_socket. */
enum sonde_chain { SONDE_CHAIN_ETHERNET, SONDE_CHAIN_RAW, SONDE_CHAIN_EMIT, SONDE_CHAIN_SLOTS };

#endif
