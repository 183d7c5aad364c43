"use client";
import { useEffect, useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Plain } from "./Plain.tsx";
import { useAccount } from "./useAccount.ts";
import { linkTrouble } from "./words.ts";

/** Signs in with the token in the address's fragment, which no server and no log sees; opening the page uses nothing up. */
export function UseLink() {
  const [token, setToken] = useState<string | null>(null);
  const { run, busy, trouble } = useAccount(linkTrouble);
  useEffect(() => {
    const read = () => setToken(decodeURIComponentSafely(location.hash.slice(1)));
    read();
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  const signIn = () =>
    void run(async (account) => {
      const { passwordSet } = await account.consumeLink(token ?? "");
      location.replace(passwordSet ? "/" : "/password");
    });
  return (
    <Plain title="Sign in to this hub">
      {trouble === null ? null : (
        <Notice kind="error" title={trouble.title}>
          {trouble.todo} <NewLink />
        </Notice>
      )}
      {token === "" ? (
        <Notice kind="error" title="This address carries no link">
          The part after <code className="mono">#</code> is missing. Copy the whole address. <NewLink />
        </Notice>
      ) : (
        <>
          <p className="text-base text-muted">
            This link signs you in once, as the hub's administrator. It is good for 15 minutes from when it was made.
          </p>
          <Button look="primary" size="form" busy={busy} disabled={token === null} onClick={signIn}>
            {busy ? "Signing in" : "Sign in to this hub"}
          </Button>
        </>
      )}
    </Plain>
  );
}

function NewLink() {
  return (
    <>
      A new link: <code className="mono text-ink">npm run admin-link</code> on the hub's machine.
    </>
  );
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
