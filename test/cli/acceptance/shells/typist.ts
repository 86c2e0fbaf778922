import type { Shell } from "../../../../src/cli/completion/scripts.ts";

/** Keys that a person presses. */
export const TAB = "\t";
/** Prints the line and empties it. */
const CTRL_X_P = "\u0018p";

const READY = "READY> ";

/** Longer than any shell thinks about a key, even on a busy machine. */
const TIME_LIMIT_MS = 60_000;

interface Dialect {
  readonly command: readonly string[];
  /** Loads the script, in the way of which its head tells. */
  readonly load: Readonly<Partial<Record<Way, string>>>;
  /** Lines that set a prompt, and bind the keys that print the line as it stands and empty it. */
  readonly bindings: readonly string[];
}

/** How a completion script comes into a shell: read at once, or found in a folder when it is needed. */
export type Way = "sourced" | "found";

/** How each shell is started without anybody's own settings. */
const DIALECTS: Readonly<Record<Shell, Dialect>> = {
  bash: {
    command: ["bash", "--norc", "--noprofile", "-i"],
    load: { sourced: "source <(testflinger completion bash)" },
    bindings: [
      "bind 'set bell-style none'",
      "bind 'set show-all-if-ambiguous on'",
      "bind 'set enable-bracketed-paste off'",
      `show_line() { printf '\\nLINE<%s>\\n' "$READLINE_LINE"; READLINE_LINE=; }`,
      `bind -x '"\\C-xp": show_line'`,
      `PS1='${READY}'`,
    ],
  },
  zsh: {
    command: ["zsh", "--no-rcs", "-i"],
    load: {
      sourced: "autoload -Uz compinit && compinit -u -D; source <(testflinger completion zsh)",
      found:
        "mkdir functions; testflinger completion zsh > functions/_testflinger; fpath=($PWD/functions $fpath); " +
        "autoload -Uz compinit && compinit -u -D",
    },
    bindings: [
      "unsetopt beep prompt_sp prompt_cr",
      `show_line() { zle -I; print -r -- "LINE<$BUFFER>"; BUFFER=; }`,
      "zle -N show_line",
      "bindkey -e",
      "bindkey '^Xp' show_line",
      `PROMPT='${READY}'`,
    ],
  },
  fish: {
    command: ["fish", "--no-config", "--interactive"],
    load: {
      sourced: "testflinger completion fish | source",
      found:
        "mkdir completions; testflinger completion fish > completions/testflinger.fish; " +
        "ln -s testflinger.fish completions/testflinger-cli.fish; " +
        "set fish_complete_path $PWD/completions",
    },
    bindings: [
      "function show_line; printf '\\nLINE<%s>\\n' (commandline); commandline --replace ''; commandline -f repaint; end",
      "bind \\cxp show_line",
      `function fish_prompt; echo -n '${READY}'; end`,
    ],
  },
};

export const ways = (shell: Shell): Way[] => Object.keys(DIALECTS[shell].load) as Way[];

/** An interactive shell on a terminal, and somebody who types. */
export class Typist implements AsyncDisposable {
  readonly #child: Bun.Subprocess;
  #screen = "";
  #waiting: { readonly text: string; readonly seen: () => void } | undefined;

  private constructor(command: readonly string[], options: { cwd: string; env: Record<string, string> }) {
    const decoder = new TextDecoder();
    this.#child = Bun.spawn([...command], {
      ...options,
      timeout: TIME_LIMIT_MS,
      terminal: {
        cols: 160,
        rows: 50,
        data: (_, chunk) => this.#show(decoder.decode(chunk, { stream: true })),
      },
    });
  }

  /** @param home becomes the home folder and the working folder */
  static async at(shell: Shell, way: Way, home: string, path: string): Promise<Typist> {
    const { command, load, bindings } = DIALECTS[shell];
    const env = { HOME: home, PATH: path, TERM: "xterm", LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };
    const typist = new Typist(command, { cwd: home, env });
    await Bun.write(`${home}/.start`, [load[way], ...bindings].join("\n"));
    typist.#type("source ./.start\r");
    await typist.#shown(READY);
    return typist;
  }

  /**
   * Types some keys on an empty line.
   * @returns the line as it stands then, and what the terminal showed meanwhile
   */
  async type(keys: string): Promise<{ line: string; shown: string }> {
    this.#screen = "";
    this.#type(keys + CTRL_X_P);
    await this.#shown(">\r\n");
    const shown = this.#screen;
    const line = /LINE<([^]*?)>\r\n/.exec(shown)?.[1] ?? "";
    return { line, shown };
  }

  #type(keys: string): void {
    this.#child.terminal!.write(keys);
  }

  #show(text: string): void {
    this.#screen += text;
    if (this.#waiting && this.#screen.includes(this.#waiting.text)) this.#waiting.seen();
  }

  async #shown(text: string): Promise<void> {
    if (this.#screen.includes(text)) return;
    const { promise, resolve: seen } = Promise.withResolvers<void>();
    this.#waiting = { text, seen };
    await promise;
    this.#waiting = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }
}
