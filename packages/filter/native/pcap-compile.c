// SPDX-License-Identifier: Apache-2.0
/*
 * pcap-compile LINKTYPE: one pcap-filter(7) expression on stdin, one line of JSON on stdout.
 *
 *   {"ok":true,"instructions":[[code,jt,jf,k],…]}
 *   {"ok":false,"message":"…","position":N,"length":N}     bytes into the expression
 *
 * A program of its own, because libpcap can take minutes over a hostile expression and asks the
 * resolver for every name: here time and memory are limited, and names of hosts are refused before
 * a resolver is asked (getaddrinfo and its kin below shadow libc's for libpcap).
 *
 * libpcap says what is wrong but not where. It generates code while it parses, so the place is the
 * first token whose prefix no ending can save: see find_error.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/ether.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MAX_EXPRESSION = 8192, MAX_INSTRUCTIONS = 4096, MAX_TOKENS = 4096, SNAPLEN = 262144 };

static char refused_name[256];

static void refuse(const char *name)
{
	if (!refused_name[0])
		snprintf(refused_name, sizeof(refused_name), "%s", name);
}

static bool numeric(const char *node)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, node, address) == 1 || inet_pton(AF_INET6, node, address) == 1;
}

/* libpcap asks with a node for hosts and without one for services. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
	static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	if (node && !numeric(node)) {
		refuse(node);
		return EAI_NONAME;
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(node, service, hints, result);
}

int getnetbyname_r(const char *name, struct netent *out, char *buffer, size_t size, struct netent **result, int *error)
{
	(void)out, (void)buffer, (void)size;
	refuse(name);
	*result = NULL;
	*error = HOST_NOT_FOUND;
	return -1;
}

int ether_hostton(const char *name, struct ether_addr *address)
{
	(void)address;
	refuse(name);
	return -1;
}

struct outcome {
	bool ok;
	char message[PCAP_ERRBUF_SIZE + 256];
	struct bpf_program program;
};

/* Compiles into `out`; a successful program is the caller's to free. */
static void compile(int linktype, const char *expression, struct outcome *out)
{
	pcap_t *pcap = pcap_open_dead(linktype, SNAPLEN);

	memset(out, 0, sizeof(*out));
	refused_name[0] = '\0';
	if (!pcap) {
		snprintf(out->message, sizeof(out->message), "out of memory");
		return;
	}
	out->ok = pcap_compile(pcap, &out->program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (out->ok && out->program.bf_len > MAX_INSTRUCTIONS) {
		snprintf(out->message, sizeof(out->message), "%u instructions, at most %d are accepted",
			 out->program.bf_len, MAX_INSTRUCTIONS);
		pcap_freecode(&out->program);
		out->ok = false;
	} else if (!out->ok && refused_name[0]) {
		snprintf(out->message, sizeof(out->message), "'%s' is a name; give an address, names are not resolved",
			 refused_name);
	} else if (!out->ok) {
		snprintf(out->message, sizeof(out->message), "%s", pcap_geterr(pcap));
	}
	pcap_close(pcap);
}

struct token {
	unsigned start, end;
};

static bool word_char(char c)
{
	return c && (isalnum((unsigned char)c) || strchr("_.:\\$-", c));
}

/* Splits as libpcap's scanner does, near enough to point at a place. */
static unsigned tokenize(const char *text, struct token *tokens)
{
	static const char *const pairs[] = { "&&", "||", "==", "!=", "<=", ">=", "<<", ">>" };
	unsigned count = 0, at = 0;

	while (text[at] && count < MAX_TOKENS) {
		unsigned start = at;

		if (isspace((unsigned char)text[at])) {
			at++;
			continue;
		}
		if (word_char(text[at]) && text[at] != '-') {
			while (word_char(text[at]))
				at++;
		} else {
			at++;
			for (unsigned i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
				if (!strncmp(text + start, pairs[i], 2))
					at = start + 2;
		}
		tokens[count++] = (struct token){ start, at };
	}
	return count;
}

/* A syntax error names nothing else; any other message speaks of something libpcap has read. */
static bool is_syntax_error(const char *message)
{
	return strstr(message, "syntax error") || strstr(message, "parse error");
}

static unsigned open_brackets(const char *text, unsigned length, char *closing)
{
	unsigned depth = 0;

	for (unsigned i = 0; i < length; i++) {
		if (text[i] == '(' || text[i] == '[')
			closing[depth++] = text[i] == '(' ? ')' : ']';
		else if ((text[i] == ')' || text[i] == ']') && depth)
			depth--;
	}
	return depth;
}

/*
 * Whether text[0..length) can still become a program. In search of a syntax error, an ending that
 * only meets a complaint of another kind ("rejects all packets") has been parsed, and will do.
 */
static bool viable(int linktype, const char *text, unsigned length, bool of_syntax)
{
	/* One ending for each state the grammar can be left in: done, a primitive, its value, arithmetic. */
	static const char *const endings[] = {
		"", " ip", " 1", " 1.2.3.4", " port 1", " 1-2", " 1 = 1", " = 1", " = 0", " 2:4] = 1", "0] = 1", "0:1] = 1", "1] = 1",
		" 0 = 1", " net 10.0.0.0/8", "/8", " mask 255.0.0.0", " 00:11:22:33:44:55", " host 1.2.3.4", " tcp",
		" len > 1", " multicast", " chain 6", " 0", "1 = 1",
	};
	static char attempt[2 * MAX_EXPRESSION + 64];
	char closing[MAX_EXPRESSION];
	unsigned depth = open_brackets(text, length, closing);

	for (unsigned i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		/* With every bracket closed after the ending, and with the inner ones closed before it. */
		for (unsigned before = 0; before <= depth && before < 3; before++) {
			struct outcome out;
			unsigned at = 0, d = depth;

			memcpy(attempt, text, length);
			at = length;
			for (unsigned k = 0; k < before; k++)
				attempt[at++] = closing[--d];
			at += (unsigned)sprintf(attempt + at, "%s", endings[i]);
			if (d && strchr(endings[i], ']'))
				d--; /* the ending closes the innermost one itself */
			while (d)
				attempt[at++] = closing[--d];
			attempt[at] = '\0';
			compile(linktype, attempt, &out);
			if (out.ok) {
				pcap_freecode(&out.program);
				return true;
			}
			if (of_syntax && !is_syntax_error(out.message))
				return true;
		}
	}
	return false;
}

/* The token at which the expression is lost; for one that only ends too early, the place after its end. */
static struct token find_error(int linktype, const char *text, const char *message)
{
	static struct token tokens[MAX_TOKENS];
	unsigned count = tokenize(text, tokens), low = 0, high = count;
	unsigned end = (unsigned)strlen(text);
	bool of_syntax = is_syntax_error(message);

	if (!of_syntax) {
		for (unsigned i = 0; refused_name[0] && i < count; i++)
			if (tokens[i].end - tokens[i].start == strlen(refused_name) &&
			    !strncmp(text + tokens[i].start, refused_name, tokens[i].end - tokens[i].start))
				return tokens[i];
	}
	/* Viability only ever goes from yes to no as the prefix grows: bisect for the first lost prefix. */
	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (viable(linktype, text, tokens[middle].end, of_syntax))
			low = middle + 1;
		else
			high = middle;
	}
	return low < count ? tokens[low] : (struct token){ end, end };
}

static void print_json_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c > 0x7e)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static int fail(const char *message, struct token place)
{
	printf("{\"ok\":false,\"message\":");
	print_json_string(message);
	printf(",\"position\":%u,\"length\":%u}\n", place.start, place.end - place.start);
	return 1;
}

static void limit_self(void)
{
	const struct rlimit cpu = { 1, 1 }, memory = { 256 << 20, 256 << 20 }, files = { 0, 0 };

	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_FSIZE, &files);
	alarm(2);
}

int main(int argc, char **argv)
{
	static char expression[MAX_EXPRESSION + 2];
	struct outcome out;
	size_t length;
	int linktype;

	if (argc != 2 || (linktype = atoi(argv[1])) < 0) {
		fprintf(stderr, "usage: pcap-compile LINKTYPE < EXPRESSION\n");
		return 2;
	}
	limit_self();
	length = fread(expression, 1, sizeof(expression) - 1, stdin);
	if (length > MAX_EXPRESSION)
		return fail("longer than 8192 bytes", (struct token){ MAX_EXPRESSION, (unsigned)length });
	if (memchr(expression, 0, length))
		return fail("contains a zero byte", (struct token){ (unsigned)strlen(expression), (unsigned)strlen(expression) + 1 });
	compile(linktype, expression, &out);
	if (!out.ok) {
		char message[sizeof(out.message)];

		memcpy(message, out.message, sizeof(message));
		return fail(message, find_error(linktype, expression, message));
	}
	printf("{\"ok\":true,\"instructions\":[");
	for (unsigned i = 0; i < out.program.bf_len; i++) {
		const struct bpf_insn *insn = &out.program.bf_insns[i];

		printf("%s[%u,%u,%u,%u]", i ? "," : "", insn->code, insn->jt, insn->jf, insn->k);
	}
	printf("]}\n");
	pcap_freecode(&out.program);
	return 0;
}
