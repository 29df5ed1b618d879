/**
 * For bash 3.2 and later, without any other package. All that takes thought is done by `kev __complete-bash`: this hands over
 * the line, and takes words that are quoted, and end in a space where they are whole.
 */
export const bashScript = `# bash completion for kev:
#   source <(kev completion bash)
# In bash 3.2, where that does nothing:
#   eval "$(kev completion bash)"

_kev() {
  local word otherwise
  COMPREPLY=()
  # What else there is to offer, then a word a line.
  {
    read -r otherwise
    while IFS= read -r word; do COMPREPLY+=("$word"); done
  } < <(command kev __complete-bash \\
    "\${COMP_LINE:0:COMP_POINT}" "$2" "\${COMP_TYPE-}" "\${COLUMNS-}" 2>/dev/null </dev/null)

  [[ $otherwise == files || $otherwise == folders ]] || return 0
  if type compopt >/dev/null 2>&1; then
    # Readline itself knows best how to complete files.
    compopt +o nospace
    if [[ $otherwise == files ]]; then compopt -o default; else compopt -o dirnames; fi
  else
    while IFS= read -r word; do
      [[ ! -d $word ]] || word+=/
      [[ $otherwise == folders && $word != */ ]] || COMPREPLY+=("$(printf '%q' "$word")")
    done < <(compgen -f -- "$2")
  fi
}

complete -o nospace -F _kev kev
`;
