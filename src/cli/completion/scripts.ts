/** Scripts that make shells ask this program, which answers on file descriptor 8. */
const BASH = `_testflinger_complete() {
    local IFS=$'\\013' suppress_space=0
    if compopt +o nospace 2>/dev/null; then suppress_space=1; fi
    COMPREPLY=($(IFS="$IFS" COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" COMP_TYPE="$COMP_TYPE" \\
        _ARGCOMPLETE_COMP_WORDBREAKS="$COMP_WORDBREAKS" _ARGCOMPLETE=1 \\
        _ARGCOMPLETE_SUPPRESS_SPACE=$suppress_space "$1" 8>&1 9>&2 1>/dev/null 2>/dev/null))
    if [[ $? != 0 ]]; then
        unset COMPREPLY
    elif [[ $suppress_space == 1 && "\${COMPREPLY-}" =~ [=/:]$ ]]; then
        compopt -o nospace
    fi
}
complete -o nospace -o default -F _testflinger_complete testflinger testflinger-cli
`;

const ZSH = `autoload -Uz bashcompinit && bashcompinit
${BASH}`;

const FISH = `function __testflinger_complete
    set -lx _ARGCOMPLETE 1
    set -lx _ARGCOMPLETE_IFS \\n
    set -lx COMP_LINE (commandline -p)
    set -lx COMP_POINT (string length (commandline -cp))
    $argv[1] 8>&1 9>&2 1>/dev/null 2>/dev/null
end
complete --command testflinger --no-files --arguments '(__testflinger_complete testflinger)'
complete --command testflinger-cli --no-files --arguments '(__testflinger_complete testflinger-cli)'
`;

export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
export type Shell = keyof typeof SCRIPTS;
