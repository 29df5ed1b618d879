/** For zsh 5: sourced, or as the file `_kev` in a folder of `$fpath`. It calls `kev __complete`, which speaks cobra's protocol. */
export const zshScript = `#compdef kev
# zsh completion for kev, where compinit has run:
#   source <(kev completion zsh)

_kev() {
  local -a replies whole open
  local reply value directive
  # (Q) takes quotes away; nothing is evaluated.
  replies=("\${(@f)$(command kev __complete "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)}")
  directive=\${replies[-1]#:}

  # A value in one word with its flag is completed by itself.
  [[ $PREFIX != -*=* ]] || compset -P 1 '*='
  for reply in "\${(@)replies[1,-2]}"; do
    value=\${reply%%$'\\t'*}
    # What _describe takes: VALUE:DESCRIPTION, with a backslash before colons and backslashes of the value.
    reply=\${\${value//\\\\/\\\\\\\\}//:/\\\\:}\${\${reply#"$value"}/$'\\t'/:}
    # The word goes on behind these.
    if [[ $value == *[/=] ]]; then open+=("$reply"); else whole+=("$reply"); fi
  done

  if (( $#whole + $#open > 0 )); then
    _describe -t kev kev whole -- open -S ''
  elif [[ $directive == 0 ]]; then
    _files
  elif [[ $directive == 16 ]]; then
    _files -/
  else
    return 1
  fi
}

# In a file of $fpath all this is the body of the function, at its first call.
if [[ \${funcstack[1]} == _kev ]]; then
  _kev "$@"
else
  compdef _kev kev
fi
`;
