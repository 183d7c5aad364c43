import { describe, expect, test } from "vitest";
import { fuzzDissector } from "../../../../../../../test/support/fuzz-dissector.ts";
import { dissectPayload, fromText, valuesOf } from "../testing/payload.ts";
import { looksLikeSsh, ssh } from "./ssh.ts";

const banner = fromText("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");

describe("SSH", () => {
  test("what an end says that it is", () => {
    const dissection = dissectPayload(ssh, banner);
    expect([dissection.protocol, dissection.info]).toEqual(["SSHv2", "Protocol (SSH-2.0-OpenSSH_9.2p1 Debian-2)"]);
    expect(valuesOf(dissection, "ssh.protocol")).toEqual(["SSH-2.0-OpenSSH_9.2p1 Debian-2"]);
    expect(looksLikeSsh(banner, 0, banner.length)).toBe(true);
    expect(looksLikeSsh(fromText("SSHD started"), 0, 12)).toBe(false);
  });

  test("nothing is thrown, and no range lies outside", () => {
    expect(fuzzDissector(ssh, [banner])).toEqual([]);
  });
});
