/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Structs shared by the kernel programs, the addon and (as byte offsets) the codec in
 * packages/protocol. Little-endian hosts only. Every struct is a multiple of 8 bytes with explicit
 * padding, and is copied to the wire as it lies in memory; docs: packages/protocol/SPEC.md.
 */
#ifndef SONDE_ABI_H
#define SONDE_ABI_H

#ifdef __BPF__
/* __u8 … __u64 come from the program's own kernel type declarations. */
#else
#include <linux/types.h>
#endif

#if defined(__cplusplus) && !defined(_Static_assert)
#define _Static_assert static_assert
#endif

#define SONDE_ABI_VERSION 2
#define SONDE_MAX_INTERFACES 1024
#define SONDE_MAX_OWN_ENDPOINTS 256
#define SONDE_MAX_SNAPLEN 4096

enum sonde_direction { SONDE_INGRESS = 1, SONDE_EGRESS = 2 };

/* What attached the program that counted or recorded a packet. */
enum sonde_hook {
	SONDE_HOOK_TCX = 1,
	SONDE_HOOK_CLSACT = 2,
	SONDE_HOOK_XDP_NATIVE = 3,
	SONDE_HOOK_XDP_GENERIC = 4,
	SONDE_HOOK_SOCKET = 5, /* filter of a packet socket (AF_PACKET) */
};

/* Protocol classes of the exact counters; the order is the wire order and the column order. */
enum sonde_proto {
	SONDE_PROTO_TCP4,
	SONDE_PROTO_UDP4,
	SONDE_PROTO_ICMP4,
	SONDE_PROTO_IP4_OTHER,
	SONDE_PROTO_TCP6,
	SONDE_PROTO_UDP6,
	SONDE_PROTO_ICMP6,
	SONDE_PROTO_IP6_OTHER,
	SONDE_PROTO_ARP,
	SONDE_PROTO_OTHER,
	SONDE_PROTO_COUNT
};

/* Why a header could not be parsed. 0 is a packet parsed as far as its protocol is known. */
enum sonde_parse_err {
	SONDE_PARSE_OK,
	SONDE_PARSE_SHORT_L2,      /* frame ends inside the Ethernet header */
	SONDE_PARSE_SHORT_VLAN,    /* frame ends inside an 802.1Q/802.1ad tag */
	SONDE_PARSE_SHORT_ARP,
	SONDE_PARSE_SHORT_IPV4,
	SONDE_PARSE_BAD_IP_VERSION, /* version nibble disagrees with the EtherType */
	SONDE_PARSE_BAD_IHL,       /* ihl < 5, or options past the end of the frame */
	SONDE_PARSE_BAD_IP_LENGTH, /* total/payload length smaller than the headers or past the frame */
	SONDE_PARSE_SHORT_IPV6,
	SONDE_PARSE_SHORT_IPV6_EXT,
	SONDE_PARSE_TOO_MANY_EXT,  /* more extension headers than the bounded walk steps over */
	SONDE_PARSE_SHORT_TCP,
	SONDE_PARSE_BAD_DOFF,      /* doff < 5, or options past the end of the segment */
	SONDE_PARSE_SHORT_UDP,
	SONDE_PARSE_BAD_UDP_LENGTH,
	SONDE_PARSE_SHORT_ICMP,
	SONDE_PARSE_ERR_COUNT      /* 16 */
};

enum sonde_verdict { SONDE_VERDICT_PASS = 0 };

/* sonde_record.flags */
#define SONDE_REC_VLAN        0x01 /* vlan_tci is valid */
#define SONDE_REC_VLAN_INNER  0x02 /* vlan_inner_tci is valid (Q-in-Q) */
#define SONDE_REC_VLAN_META   0x04 /* the outer tag is in skb metadata, not in the captured bytes */
#define SONDE_REC_FRAGMENT    0x08 /* any IP fragment, first included */
#define SONDE_REC_LATER_FRAG  0x10 /* fragment offset > 0: no L4 header, ports are 0 */
#define SONDE_REC_L3          0x20 /* the device has no Ethernet header; captured bytes start at L3 */

/*
 * One sampled packet: 96 bytes, then cap_len bytes of the frame, zero-padded to 8.
 * Little-endian, but for the fields marked be: network order, as in the packet.
 */
struct sonde_record {
	__u16 rec_len;        /*  0: header + captured bytes + padding, multiple of 8 */
	__u16 cap_len;        /*  2 */
	__u32 wire_len;       /*  4: frame length as tcpdump shows it, tags included */
	__u64 ts_ns;          /*  8: CLOCK_BOOTTIME */
	__u32 ifindex;        /* 16 */
	__u32 sample_n;       /* 20: this record stands for 1 in N */
	__u64 matched;        /* 24: bit per filter of the filter set */
	__u64 selected;       /* 32: filters whose sampling chose this packet */
	__u8 saddr[16];       /* 40: be; IPv4 in the first 4 bytes, rest zero; ARP sender address likewise */
	__u8 daddr[16];       /* 56: be */
	__u16 sport;          /* 72: be; ICMP: type << 8 | code; ARP: opcode */
	__u16 dport;          /* 74: be; ICMP echo: identifier */
	__u16 eth_proto;      /* 76: be; EtherType after the tags */
	__u16 vlan_tci;       /* 78: host order (LE) */
	__u16 vlan_inner_tci; /* 80: host order (LE) */
	__u16 gso_segs;       /* 82: wire packets in this frame, at least 1 */
	__u16 l3_off;         /* 84: offset of the IP/ARP header in the captured bytes */
	__u16 l4_off;         /* 86: offset of the L4 header, 0 when none was reached */
	__u8 direction;       /* 88: enum sonde_direction */
	__u8 hook;            /* 89: enum sonde_hook */
	__u8 verdict;         /* 90: enum sonde_verdict */
	__u8 parse_err;       /* 91: enum sonde_parse_err */
	__u8 ip_proto;        /* 92: IANA protocol number after extension headers, 0 when not IP */
	__u8 tcp_flags;       /* 93: byte 13 of the TCP header (CWR ECE URG ACK PSH RST SYN FIN) */
	__u8 flags;           /* 94: SONDE_REC_* */
	__u8 proto;           /* 95: enum sonde_proto */
};
_Static_assert(sizeof(struct sonde_record) == 96, "record header is 96 bytes on the wire");
_Static_assert(__builtin_offsetof(struct sonde_record, saddr) == 40, "saddr at 40");
_Static_assert(__builtin_offsetof(struct sonde_record, sport) == 72, "sport at 72");
_Static_assert(__builtin_offsetof(struct sonde_record, direction) == 88, "direction at 88");

struct sonde_counts {
	__u64 frames;  /* as `ip -s link` and tcpdump count */
	__u64 packets; /* on the wire: frames × gso_segs */
	__u64 bytes;   /* of the frames, tags included, without FCS */
};

/*
 * Exact counters of one interface and direction. Per CPU in the kernel; summed for the wire.
 * Every frame is in exactly one class of the ledger:
 *   Σ proto[].frames = unmatched + sampled_out + ring_lost + no_reader + delivered
 */
struct sonde_iface_counters {
	struct sonde_counts proto[SONDE_PROTO_COUNT]; /*   0 */
	__u64 unmatched;   /* 240: matched no filter; also Sonde's own connections and loopback egress */
	__u64 sampled_out; /* 248 */
	__u64 ring_lost;   /* 256: the ring buffer was full */
	__u64 delivered;   /* 264: records put into the ring */
	__u64 no_reader;   /* 272: matched while no agent read the ring */
	__u64 malformed[SONDE_PARSE_ERR_COUNT]; /* 280: by enum sonde_parse_err; [0] stays 0 */
};
_Static_assert(sizeof(struct sonde_iface_counters) == 408, "counters are 408 bytes on the wire");

/* One row of a counter batch: 416 bytes. */
struct sonde_counter_row {
	__u32 ifindex;  /* 0 */
	__u8 direction; /* 4 */
	__u8 hook;      /* 5 */
	__u16 reserved; /* 6: zero */
	struct sonde_iface_counters c; /* 8 */
};
_Static_assert(sizeof(struct sonde_counter_row) == 416, "counter row is 416 bytes on the wire");

/*
 * Exact counters of one filter of a filter set:
 *   matched = sampled_out + ring_lost + no_reader + delivered
 */
struct sonde_filter_counters {
	__u64 matched;
	__u64 sampled_out;
	__u64 ring_lost;
	__u64 no_reader;
	__u64 delivered;
};

/* One row of filter counters: 48 bytes. */
struct sonde_filter_row {
	__u32 filter_set;               /* 0: number of the set */
	__u32 bit;                      /* 4: the filter's bit in sonde_record.matched */
	struct sonde_filter_counters c; /* 8 */
};
_Static_assert(sizeof(struct sonde_filter_row) == 48, "filter row is 48 bytes");

/* Batch header, 112 bytes; SPEC.md section 2. */
#define SONDE_BATCH_MAGIC 0x42444e53u /* "SNDB" read as little-endian u32 */
#define SONDE_BATCH_VERSION 2
enum sonde_batch_kind { SONDE_BATCH_RECORDS = 1, SONDE_BATCH_COUNTERS = 2 };

struct sonde_batch_header {
	__u32 magic;       /*   0 */
	__u16 version;     /*   4 */
	__u16 kind;        /*   6 */
	__u8 host_id[16];  /*   8: UUID bytes, filled by the agent */
	__u8 boot_id[16];  /*  24: UUID bytes of /proc/sys/kernel/random/boot_id, filled by the agent */
	__u64 stream;      /*  40: random per agent run, filled by the agent */
	__u64 sequence;    /*  48: from 1 per (host, boot, stream, kind), filled by the agent */
	__u32 filter_set;  /*  56: number of the filter set; 0 is the built-in "everything" */
	__u32 count;       /*  60: records or rows that follow */
	__u32 body_len;    /*  64: bytes that follow the header */
	__u32 sample_n;    /*  68: 1 in N in force when the batch was closed */
	__u64 first_ns;    /*  72: CLOCK_BOOTTIME; records: first record; counters: start of the interval */
	__u64 last_ns;     /*  80: CLOCK_BOOTTIME; records: last record; counters: end of the interval */
	__u64 ring_lost;   /*  88: records lost in the ring since the stream began */
	__u64 queue_lost;  /*  96: records dropped by the agent's queue since the stream began */
	__u32 snaplen;     /* 104 */
	__u32 reserved;    /* 108: zero */
};
_Static_assert(sizeof(struct sonde_batch_header) == 112, "batch header is 112 bytes");
_Static_assert(__builtin_offsetof(struct sonde_batch_header, stream) == 40, "stream at 40");
_Static_assert(__builtin_offsetof(struct sonde_batch_header, first_ns) == 72, "first_ns at 72");

#endif
