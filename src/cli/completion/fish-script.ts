/** For fish 3 and later. It calls `kev __complete`, which speaks cobra's protocol. */
export const fishScript = `# fish completion for kev:
#   kev completion fish | source

function __kev_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    # Without quotes; where one is still open, as it stands.
    set -l plain (string unescape -- "$typed"); or set plain "$typed"
    set -l replies (command kev __complete $words[2..-1] "$plain" 2>/dev/null </dev/null)
    set -l directive $replies[-1]
    # A value in one word with its flag is offered together with it.
    set -l flag (string match -r -- '^-[^=]*=' "$plain")
    set -l path (string replace -r -- '^-[^=]*=' '' "$plain")

    if test (count $replies) -gt 1
        printf '%s\\n' "$flag"$replies[1..-2]
    else if test "$directive" = :0
        printf '%s\\n' "$flag"(__fish_complete_path "$path")
    else if test "$directive" = :16
        printf '%s\\n' "$flag"(__fish_complete_directories "$path" '')
    end
end

complete -c kev -e
complete -c kev -f -a '(__kev_complete)'
`;
