import type { Command } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** Words that may follow a command's name: its subcommands and long options. */
type Words = { readonly path: string; readonly words: readonly string[] };

/** A script that completes the commands and options as they are. Values are left to the shell, which completes files. */
export function completion(root: Command, shell: Shell): string {
  const all = wordsOf(root, []);
  switch (shell) {
    case "bash":
      return bash(all);
    case "zsh":
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(all)}`;
    case "fish":
      return fish(all);
  }
}

function wordsOf(command: Command, before: readonly string[]): Words[] {
  const subcommands = command.commands.map((one) => one.name());
  const options = command.options.flatMap((option) => option.long ?? []);
  const here = { path: before.join(" "), words: [...subcommands, ...options, "--help"] };
  return [here, ...command.commands.flatMap((one) => wordsOf(one, [...before, one.name()]))];
}

function bash(all: readonly Words[]): string {
  const cases = all.map(({ path, words }) => `    "${path}") words="${words.join(" ")}" ;;`).join("\n");
  return `_sonde() {
  local word path="" words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; *) path="$path\${path:+ }$word" ;; esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _sonde sonde
`;
}

function fish(all: readonly Words[]): string {
  return all
    .flatMap(({ path, words }) => {
      const seen = path === "" ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${path.split(" ").at(-1)}`;
      const plain = words.filter((word) => !word.startsWith("--"));
      const options = words.filter((word) => word.startsWith("--")).map((word) => `complete -c sonde -n '${seen}' -l ${word.slice(2)}`);
      return [...(plain.length > 0 ? [`complete -c sonde -f -n '${seen}' -a '${plain.join(" ")}'`] : []), ...options];
    })
    .map((line) => `${line}\n`)
    .join("");
}
