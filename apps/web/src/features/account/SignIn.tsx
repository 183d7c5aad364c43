"use client";
import type { FormEvent } from "react";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Plain } from "./Plain.tsx";
import { textField } from "./textField.ts";
import { useAccount } from "./useAccount.ts";
import { signInTrouble } from "./words.ts";

export function SignIn() {
  const { run, ready, busy, trouble } = useAccount(signInTrouble);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    void run(async (account) => {
      await account.signIn(textField(data, "email"), textField(data, "password"));
      location.assign("/");
    });
  };
  return (
    <Plain title="Sign in">
      {trouble === null ? null : (
        <Notice kind="error" title={trouble.title}>
          {trouble.todo}
        </Notice>
      )}
      <form onSubmit={submit} method="post" className="flex flex-col gap-4">
        <Field label="E-mail" name="email" type="email" autoComplete="username" required />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required />
        <Button type="submit" look="primary" size="form" busy={busy} disabled={!ready}>
          {busy ? "Signing in" : "Sign in"}
        </Button>
      </form>
      <p className="text-base text-muted">
        No password yet, or lost it: run <code className="mono text-ink">npm run admin-link</code> on the hub's machine for a one-time link.
      </p>
    </Plain>
  );
}
