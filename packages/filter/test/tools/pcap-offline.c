// SPDX-License-Identifier: Apache-2.0
/*
 * pcap-offline FILE: what libpcap itself says. Expressions on stdin, one a line; for each one line: the
 * instructions it compiles to, "code,jt,jf,k" each, a semicolon, and the 1-based numbers of the packets
 * that pcap_offline_filter() takes; spaces between them. An expression that libpcap refuses gives "! "
 * and its words. First comes one line of two words: the file's link type and the number of its packets;
 * then, before any answer, one line "captured/wire" of every packet.
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct packet {
	struct pcap_pkthdr header;
	unsigned char *bytes;
};

static struct packet *packets;
static size_t count, room;

static void keep(const struct pcap_pkthdr *header, const unsigned char *bytes)
{
	if (count == room) {
		room = room ? 2 * room : 1024;
		packets = realloc(packets, room * sizeof(*packets));
		if (!packets)
			abort();
	}
	packets[count].header = *header;
	packets[count].bytes = malloc(header->caplen + 1);
	if (!packets[count].bytes)
		abort();
	memcpy(packets[count].bytes, bytes, header->caplen);
	count++;
}

/* What was read before a damaged record counts. */
static int read_file(const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	const unsigned char *bytes;
	struct pcap_pkthdr *header;
	int linktype;

	if (!file) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	while (pcap_next_ex(file, &header, &bytes) == 1)
		keep(header, bytes);
	linktype = pcap_datalink(file);
	pcap_close(file);
	return linktype;
}

static void answer(int linktype, const char *expression)
{
	pcap_t *pcap = pcap_open_dead(linktype, 262144);
	const char *space = "";
	struct bpf_program program;

	if (pcap_compile(pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN)) {
		printf("! %s\n", pcap_geterr(pcap));
	} else {
		for (unsigned i = 0; i < program.bf_len; i++) {
			const struct bpf_insn *insn = &program.bf_insns[i];

			printf("%s%u,%u,%u,%u", i ? " " : "", insn->code, insn->jt, insn->jf, insn->k);
		}
		putchar(';');
		for (size_t i = 0; i < count; i++) {
			if (!pcap_offline_filter(&program, &packets[i].header, packets[i].bytes))
				continue;
			printf("%s%zu", space, i + 1);
			space = " ";
		}
		putchar('\n');
		pcap_freecode(&program);
	}
	pcap_close(pcap);
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	int linktype;

	if (argc != 2) {
		fprintf(stderr, "usage: pcap-offline FILE < EXPRESSIONS\n");
		return 2;
	}
	linktype = read_file(argv[1]);
	printf("%d %zu\n", linktype, count);
	for (size_t i = 0; i < count; i++)
		printf("%u/%u\n", packets[i].header.caplen, packets[i].header.len);
	while ((length = getline(&line, &size, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		answer(linktype, line);
	}
	free(line);
	return 0;
}
