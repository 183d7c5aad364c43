import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authPost, consumeLink, cookieOf, startTestHub, type TestHub } from "../../../test/hub.ts";
import { createAdminLink } from "../services/admin-links/create.ts";
import * as authRoute from "../../app/api/auth/[...all]/route.ts";
import { setPassword } from "../services/account/set-password.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
}, 60_000);
afterAll(() => hub.stop());

const local = { kind: "local" } as const;
const newLink = async (): Promise<string> => (await createAdminLink({ ctx: hub.ctx, actor: local, input: null })).secret;
const sessionOf = (cookie: string) => hub.ctx.auth.session(new Headers({ cookie }));
const EMAIL = "admin@example.net";
const PASSWORD = "a long enough password";

describe("one-time link", () => {
  test("signs in once, also when used twice at the same time", async () => {
    const secret = await newLink();
    const answers = await Promise.all([1, 2, 3, 4].map((n) => consumeLink(hub.ctx, secret, `192.0.2.${n}`)));
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 401, 401, 401]);
    const won = answers.find((answer) => answer.status === 200)!;
    expect(await won.json()).toEqual({ passwordSet: false });
    expect(won.headers.getSetCookie().join()).toMatch(/sonde\.session_token=.*HttpOnly; SameSite=Lax/);
    expect(await sessionOf(cookieOf(won))).toMatchObject({ viaLink: true });
    expect(await (await consumeLink(hub.ctx, secret, "192.0.2.9")).json()).toMatchObject({ code: "LINK_USED" });
    expect(await hub.ctx.db.user.count()).toBe(1);
  });

  test("a GET takes nothing; unknown and expired links are named as such", async () => {
    const secret = await newLink();
    const get = await hub.ctx.auth.handler(new Request(`${hub.url}/api/auth/admin-link/consume?token=${secret}`));
    expect(get.status).toBe(404);
    await hub.ctx.db.adminLink.updateMany({ where: { usedAt: null }, data: { expiresAt: new Date(0) } });
    expect(await (await consumeLink(hub.ctx, secret, "192.0.2.11")).json()).toMatchObject({ code: "LINK_EXPIRED" });
    expect(await (await consumeLink(hub.ctx, "snd_link_unknown_one", "192.0.2.12")).json()).toMatchObject({ code: "LINK_UNKNOWN" });
  });

  test("only the hub's shell makes one", async () => {
    await expect(createAdminLink({ ctx: hub.ctx, actor: { kind: "anonymous" }, input: null })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  test("a POST from another origin, or from none, changes nothing", async () => {
    const cookie = await hub.signIn();
    const post = (headers: Record<string, string>): Promise<Response> =>
      authRoute.POST(
        new Request(`${hub.url}/api/auth/sign-out`, {
          method: "POST",
          headers: { "content-type": "application/json", cookie, ...headers },
          body: "{}",
        }),
      );
    expect((await post({ origin: "https://evil.example" })).status).toBe(403);
    expect((await post({})).status).toBe(403);
    expect(await sessionOf(cookie)).not.toBeNull();
    expect((await post({ origin: hub.url })).status).toBe(200);
    expect(await sessionOf(cookie)).toBeNull();
  });
});

describe("password", () => {
  test("set after a link, then signs in; other sessions end", async () => {
    const [mine, other] = [await hub.signIn(), await hub.signIn()];
    const session = (await sessionOf(mine))!;
    await setPassword({ ctx: hub.ctx, actor: { kind: "user", session }, input: { email: EMAIL.toUpperCase(), password: PASSWORD } });
    expect(await sessionOf(other)).toBeNull();
    const account = await hub.ctx.db.account.findFirstOrThrow();
    expect(account.password).toMatch(/^\$argon2id\$/);
    const answer = await authPost(hub.ctx, "/sign-in/email", { email: EMAIL, password: PASSWORD }, "198.51.100.1");
    expect(answer.status).toBe(200);
    const byPassword = (await sessionOf(cookieOf(answer)))!;
    expect(byPassword).toMatchObject({ email: EMAIL, viaLink: false });
    await expect(
      setPassword({ ctx: hub.ctx, actor: { kind: "user", session: byPassword }, input: { email: EMAIL, password: "another password" } }),
    ).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(await (await consumeLink(hub.ctx, await newLink(), "192.0.2.50")).json()).toEqual({ passwordSet: true });
  });

  test("nobody can sign up", async () => {
    const answer = await authPost(hub.ctx, "/sign-up/email", { email: "x@example.net", password: PASSWORD, name: "x" });
    expect(answer.ok).toBe(false);
    expect(await hub.ctx.db.user.count()).toBe(1);
  });

  test("sign-in is throttled per address …", async () => {
    const statuses = [];
    for (let i = 0; i < 7; i++) {
      statuses.push(
        (await authPost(hub.ctx, "/sign-in/email", { email: `nobody${i}@example.net`, password: "wrong password" }, "198.51.100.9")).status,
      );
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });

  test("… and per account, from wherever it comes", async () => {
    const guess = (n: number) => authPost(hub.ctx, "/sign-in/email", { email: EMAIL, password: "wrong password" }, `203.0.113.${n}`);
    const statuses = await Promise.all(Array.from({ length: 14 }, (_, n) => guess(n).then((answer) => answer.status)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    const right = (address: string) => authPost(hub.ctx, "/sign-in/email", { email: EMAIL, password: PASSWORD }, address);
    expect((await right("203.0.113.99")).status).toBe(429);
    // The library sweeps its expired rows when a window of its own begins anew; the account's must outlast that.
    const ago = (minutes: number) => BigInt(Date.now() - minutes * 60_000);
    await hub.ctx.db.rateLimit.updateMany({ data: { lastRequest: ago(5) } });
    expect((await right("203.0.113.99")).status).toBe(429);
    expect((await right("203.0.113.98")).status).toBe(429);
    await hub.ctx.db.rateLimit.updateMany({ data: { lastRequest: ago(15) } });
    expect((await right("203.0.113.97")).status).toBe(200);
  }, 30_000);
});

test("links, cookies and passwords are in no log", () => {
  expect(hub.logs()).not.toMatch(/snd_link_|session_token|a long enough password/);
});
