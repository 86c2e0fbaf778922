/** Programs are called by either name. */
const NAMES = "testflinger testflinger-cli";

/**
 * All three start the program as argcomplete does (command-line section 12), so that what is offered is decided in one
 * place. Descriptor 8 carries the answer; the program's own output is thrown away.
 */
const BASH = `# Bash completion for testflinger
_testflinger_complete() {
    local IFS=$'\\013' suppress_space=0
    if compopt +o nospace 2>/dev/null; then suppress_space=1; fi
    COMPREPLY=($(IFS="$IFS" COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" COMP_TYPE="$COMP_TYPE" \\
        _ARGCOMPLETE=1 _ARGCOMPLETE_COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        _ARGCOMPLETE_SUPPRESS_SPACE=$suppress_space "$1" 8>&1 1>/dev/null 2>/dev/null))
    if [[ $? != 0 ]]; then
        unset COMPREPLY
    elif [[ $suppress_space == 1 ]] && [[ "\${COMPREPLY-}" =~ [=/:]$ ]]; then
        compopt -o nospace
    fi
}
complete -o nospace -o default -F _testflinger_complete ${NAMES}
`;

const ZSH = `#compdef ${NAMES}
# zsh completion for testflinger: put this file into a folder of $fpath as _testflinger, or source it after compinit
_testflinger() {
    local IFS=$'\\013'
    local -a completions space
    completions=($(IFS="$IFS" COMP_LINE="\${(j: :)\${(@)words[1,CURRENT]}}" _ARGCOMPLETE=1 _ARGCOMPLETE_SHELL=zsh \\
        "\${words[1]}" 8>&1 1>/dev/null 2>/dev/null))
    if (( \${#completions} == 0 )); then
        _files
        return
    fi
    if [[ \${#completions} == 1 && "\${completions[1]}" == *[=/] ]]; then space=(-S ''); fi
    _describe testflinger completions "\${(@)space}"
}
if [[ "$funcstack[1]" == _testflinger ]]; then
    _testflinger "$@"
else
    compdef _testflinger ${NAMES}
fi
`;

const FISH = `# fish completion for testflinger: put this file into ~/.config/fish/completions as testflinger.fish,
# and link testflinger-cli.fish to it if you use that name
function __testflinger_complete
    set -lx _ARGCOMPLETE 1
    set -lx _ARGCOMPLETE_SHELL fish
    set -lx _ARGCOMPLETE_IFS \\n
    set -lx _ARGCOMPLETE_DFS \\t
    set -lx COMP_LINE (commandline --current-process --cut-at-cursor)
    set -l tokens (commandline --current-process --tokenize)
    set -l found ($tokens[1] 8>&1 1>/dev/null 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline --current-token)
    end
end
for name in ${NAMES}
    complete --command $name --no-files --arguments '(__testflinger_complete)'
end
`;

/** What a shell has to read to complete this program's command lines. */
export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
export type Shell = keyof typeof SCRIPTS;
