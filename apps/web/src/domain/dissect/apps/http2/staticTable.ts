/** RFC 7541 appendix A: name and value by index, which counts from 1. */
export const staticTable: readonly (readonly [string, string])[] = [
  [":authority", ""],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  [":status", "200"],
  [":status", "204"],
  [":status", "206"],
  [":status", "304"],
  [":status", "400"],
  [":status", "404"],
  [":status", "500"],
  ["accept-charset", ""],
  ["accept-encoding", "gzip, deflate"],
  ...words("accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control content-disposition"),
  ...words("content-encoding content-language content-length content-location content-range content-type cookie date etag expect expires"),
  ...words("from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified link location max-forwards"),
  ...words("proxy-authenticate proxy-authorization range referer refresh retry-after server set-cookie strict-transport-security"),
  ...words("transfer-encoding user-agent vary via www-authenticate"),
];

function words(names: string): [string, string][] {
  return names.split(" ").map((name) => [name, ""]);
}
