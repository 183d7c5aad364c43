#!/bin/sh
# Installs the Sonde agent of the hub @URL@ on this host and enrols it. The one-time token is read from
# standard input and passed on the same way. Only the last line runs anything: a download that was cut
# short does nothing.
#
# SONDE_PREFIX   where the agent goes; /opt/sonde unless given
# SONDE_STATE    where its credential goes; /var/lib/sonde unless given
# SONDE_FORCE=1  enrol anew, though this host is enrolled already
# SONDE_MAX_SNAPLEN   the most bytes of a packet that may leave this host, written to /etc/sonde/limits.json;
#                128 unless given
set -eu

say() { printf '%s\n' "$*" >&2; }
die() {
	say "sonde: $*"
	exit 1
}

check_host() {
	system=$(uname -s)
	machine=$(uname -m)
	[ "$system" = Linux ] || die "the agent runs on Linux; this is $system"
	[ "$machine" = x86_64 ] || die "the agent is built for x86_64; this machine is $machine"
	[ "$(id -u)" = 0 ] || die "this needs root: put sudo before sh"
	for tool in curl tar gzip sha256sum readlink sed mktemp; do
		command -v "$tool" >/dev/null 2>&1 || die "$tool is missing; install it and run this again"
	done
}

# Sets token. A terminal on standard input means that nobody piped one in.
read_token() {
	[ ! -t 0 ] || die "the token is read from standard input; use the line the hub shows as it is"
	token=$(cat)
	[ -n "$token" ] || die "the token on standard input is empty"
}

# With a pin the hub's key decides, not an authority: the pin is checked before anything is sent.
fetch() {
	if [ -n "$pin" ]; then
		curl -fsS --proto =https -k --pinnedpubkey "$pin" -o "$2" "$1"
	else
		curl -fsS --proto =http,https -o "$2" "$1"
	fi
}

# Puts the bundle into versions/SHA256, complete or not at all.
install_bundle() {
	mkdir -p "$prefix/versions"
	prefix=$(readlink -f "$prefix")
	version="$prefix/versions/$sha256"
	if [ ! -x "$version/sonde-agent" ]; then
		download=$(mktemp -d "$prefix/.download.XXXXXX")
		trap 'rm -rf "$download"' EXIT
		trap 'exit 1' HUP INT TERM
		say "Fetching the agent from $url"
		fetch "$url/api/v1/agent/bundle" "$download/bundle.tar.gz" || die "the agent cannot be fetched from $url"
		echo "$sha256  $download/bundle.tar.gz" | sha256sum -c >/dev/null 2>&1 ||
			die "what came from $url is not the agent this script belongs to (SHA-256 differs); fetch the line anew"
		mkdir "$download/agent"
		tar -xzf "$download/bundle.tar.gz" -C "$download/agent"
		rm -rf "$version"
		mv "$download/agent" "$version"
		rm -rf "$download"
	fi
	ln -sfn "$version" "$prefix/current"
}

enrol() {
	credential="$state/credential.json"
	if [ -f "$credential" ] && [ "${SONDE_FORCE:-}" != 1 ]; then
		grep -qF "\"hub\": \"$url\"" "$credential" || die "this host is enrolled at another hub (see $credential); SONDE_FORCE=1 enrols it here instead"
		say "This host is enrolled at $url already; the token was not used. SONDE_FORCE=1 enrols it anew."
		[ -z "${SONDE_MAX_SNAPLEN:-}" ] || say "Nor was SONDE_MAX_SNAPLEN: write /etc/sonde/limits.json."
		return
	fi
	set -- enrol --hub "$url" --state "$state" --token-file -
	[ -z "$pin" ] || set -- "$@" --pin "$pin"
	[ "${SONDE_FORCE:-}" != 1 ] || set -- "$@" --force
	[ -z "${SONDE_MAX_SNAPLEN:-}" ] || set -- "$@" --max-snaplen "$SONDE_MAX_SNAPLEN"
	printf '%s' "$token" | "$prefix/current/sonde-agent" "$@" || die "this host was not enrolled"
}

start_with_systemd() {
	unit=/etc/systemd/system/sonde-agent.service
	sed -e "s|@PREFIX@|$prefix|g" -e "s|@STATE@|$state|g" "$prefix/current/sonde-agent.service" >"$unit"
	systemctl daemon-reload
	systemctl enable sonde-agent.service >/dev/null 2>&1
	systemctl restart sonde-agent.service
	say "The agent runs as the service sonde-agent. Stop it with: systemctl disable --now sonde-agent"
}

# True when the process of the pid file is this agent, and not another that got its number.
agent_runs() {
	[ -f "$pid_file" ] && pid=$(cat "$pid_file") && [ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ] &&
		tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qF "$prefix/"
}

stop_background() {
	agent_runs || return 0
	kill "$pid" 2>/dev/null || return 0
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		agent_runs || return 0
		sleep 1
	done
	die "the agent of process $pid does not stop"
}

start_in_background() {
	pid_file="$state/agent.pid"
	log="$state/agent.log"
	stop_background
	detach=nohup
	! command -v setsid >/dev/null 2>&1 || detach=setsid
	(umask 077 && : >"$log")
	"$detach" "$prefix/current/sonde-agent" run --state "$state" >>"$log" 2>&1 </dev/null &
	echo "$!" >"$pid_file"
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		! grep -q '"event":"ready"' "$log" || break
		sleep 1
		agent_runs || {
			tail -n 5 "$log" >&2
			die "the agent did not start; its log is $log"
		}
	done
	grep -q '"event":"ready"' "$log" || say "The agent runs but has not reached the hub yet; it keeps trying. Its log: $log"
	say "The agent runs in the background, without systemd not again after a restart. Stop it with: kill \$(cat $pid_file)"
}

main() {
	url='@URL@'
	pin='@PIN@'
	sha256='@SHA256@'
	prefix=${SONDE_PREFIX:-/opt/sonde}
	state=${SONDE_STATE:-/var/lib/sonde}
	umask 022
	check_host
	read_token
	install_bundle
	enrol
	if [ -d /run/systemd/system ]; then start_with_systemd; else start_in_background; fi
	say "Done: this host is enrolled at $url."
}

main "$@"
