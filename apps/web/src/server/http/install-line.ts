/**
 * The line to paste on a new host. The token goes to the script's standard input, never into an argument list that
 * other users can read; with a self-made certificate curl checks the hub's key before anything else is said.
 * Where there is no sudo its word is empty, and whoever pastes the line is root. A script that cannot be
 * fetched fails the line as a whole.
 * URL, pin and token hold no character that means something inside single quotes or to the shell.
 */
export function installLine(hub: { readonly url: string; readonly pin: string | null }, token: string): string {
  const pinned = hub.pin === null ? "-fsS" : `-fsSk --pinnedpubkey '${hub.pin}'`;
  return `printf '%s' '${token}' | $(command -v sudo) sh -c "$(curl ${pinned} ${hub.url}/install.sh || echo exit 1)"`;
}
