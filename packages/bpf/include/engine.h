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
	__u16 reserved0;
	__u32 reserved1;
	struct sonde_iface_counters c;
};
_Static_assert(sizeof(struct sonde_iface) == 408, "interface value");

/* A TCP endpoint of Sonde itself. */
struct sonde_endpoint {
	__u8 addr[16]; /* be; IPv4 in the first 4 bytes, rest zero */
	__u16 port;    /* be */
	__u16 family;  /* 4 or 6 */
	__u32 reserved;
};
_Static_assert(sizeof(struct sonde_endpoint) == 24, "endpoint key");

/*
 * The control word is one aligned u64, so that a packet reads all of it at once:
 * bits 0–31 N, bits 32–47 snaplen, bits 48–63 SONDE_CTL_*.
 */
#define SONDE_CTL_OWN 0x0001 /* own endpoints exist and are not to be sampled */

static inline __u64 sonde_control(__u32 sample_n, __u16 snaplen, __u16 flags)
{
	return (__u64)sample_n | (__u64)snaplen << 32 | (__u64)flags << 48;
}

static inline __u32 sonde_control_n(__u64 word)
{
	return (__u32)word;
}

static inline __u32 sonde_control_snaplen(__u64 word)
{
	return (word >> 32) & 0xffff;
}

static inline __u32 sonde_control_flags(__u64 word)
{
	return word >> 48;
}

#endif
