// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * "tcp port N" as one would write it by hand, TESTS times for different N and each as if it were alone:
 * the peer of as many filters in the engine. With TESTS 0 an empty program.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

static __always_inline bool is_port(const struct tcphdr *tcp, void *end, __u16 port)
{
	return (void *)tcp + 4 <= end && (tcp->source == bpf_htons(port) || tcp->dest == bpf_htons(port));
}

static __always_inline bool tcp_port(void *data, void *end, __u16 port)
{
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return false;
	if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = (void *)(eth + 1);

		return (void *)(ip + 1) <= end && ip->nexthdr == IPPROTO_TCP && is_port((void *)(ip + 1), end, port);
	}
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > end || ip->protocol != IPPROTO_TCP || ip->frag_off & bpf_htons(0x1fff))
			return false;
		return is_port((void *)ip + ip->ihl * 4, end, port);
	}
	return false;
}

SEC("xdp")
int peer(struct xdp_md *xdp)
{
	__u32 zero = 0;
	volatile __u64 *matched = bpf_map_lookup_elem(&hits, &zero);

	if (!matched)
		return XDP_PASS;
#pragma unroll
	for (int i = 0; i < TESTS; i++) {
		/* Volatile: each test asks for itself, whatever the one before has read. */
		void *data = (void *)(long)*(volatile __u32 *)&xdp->data;
		void *end = (void *)(long)*(volatile __u32 *)&xdp->data_end;

		if (tcp_port(data, end, 443 + i))
			*matched |= 1ull << i; /* in memory: in a register it would be too much for the verifier */
	}
	return XDP_PASS;
}

const char _license[] SEC("license") = "Dual BSD/GPL";
