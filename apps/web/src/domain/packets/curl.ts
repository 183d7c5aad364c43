/** Bytes of a request that are looked at. */
const MAX_REQUEST = 64 * 1024;
const METHODS = /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH) (\S+) HTTP\/1\.[01]$/;
/** curl makes these itself. */
const own = new Set(["host", "content-length", "connection", "transfer-encoding"]);

/**
 * The curl command that sends the HTTP/1 request these bytes begin with (RFC 9112); null when they do not begin with one.
 * What a packet says is quoted so that a shell takes none of it as its own.
 */
export function curlOf(bytes: Uint8Array, to: { readonly address: string; readonly port: number }): string | null {
  const text = latin1(bytes.subarray(0, MAX_REQUEST));
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = (end < 0 ? text : text.slice(0, end)).split("\r\n");
  const match = METHODS.exec(first);
  if (match === null) return null;
  const [, method = "GET", target = "/"] = match;
  const headers = lines
    .map((line) => /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line))
    .filter((one) => one !== null)
    .map(([, name = "", value = ""]) => ({ name, value }));
  const host = headers.find((one) => one.name.toLowerCase() === "host")?.value;
  const literal = to.address.includes(":") ? `[${to.address}]` : to.address;
  const authority = host !== undefined && /^[\w.:[\]-]+$/.test(host) ? host : `${literal}${to.port === 80 ? "" : `:${to.port}`}`;
  const url = /^https?:\/\//i.test(target) ? target : `http://${authority}${target.startsWith("/") ? "" : "/"}${target}`;
  const body = end < 0 ? "" : text.slice(end + 4);
  const parts = [
    "curl",
    ...(method === "GET" ? [] : method === "HEAD" ? ["--head"] : ["--request", method]),
    // A name that is this server's only here still leads to where the packet went.
    ...(host !== undefined && authority === host && !host.startsWith(to.address) && !host.startsWith(literal)
      ? ["--connect-to", shell(`::${literal}:${to.port}`)]
      : []),
    "--globoff",
    ...headers.filter(({ name }) => !own.has(name.toLowerCase())).flatMap(({ name, value }) => ["--header", shell(`${name}: ${value}`)]),
    ...(body === "" ? [] : ["--data-raw", shell(body)]),
    shell(url),
  ];
  return parts.join(" ");
}

/** One word for a POSIX shell; with bytes that a terminal would act on, in the $'…' form that bash, zsh and ksh know. */
function shell(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = [...text].map((char) => {
    const code = char.charCodeAt(0);
    if (char === "'" || char === "\\") return `\\${char}`;
    return code >= 0x20 && code < 0x7f ? char : `\\x${code.toString(16).padStart(2, "0")}`;
  });
  // \x takes at most two digits in bash, but more in ksh: the next sign begins a word part of its own.
  return `$'${escaped.join("").replace(/\\x[0-9a-f]{2}(?=[0-9A-Fa-f])/g, (part) => `${part}'$'`)}'`;
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
