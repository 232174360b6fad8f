import { choose } from '../choices.ts';
import { exitCodes, refuse, type Terminal } from '../terminal.ts';

const bash = `# Completion of attnsim in bash; in ~/.bashrc: source <(attnsim completion bash)
_attnsim() {
  local word line begun="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  [[ $begun == '=' ]] && begun=
  while IFS= read -r line; do
    if [[ $line == ':files' ]]; then
      compopt -o filenames
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$begun")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _attnsim attnsim
`;

const zsh = `#compdef attnsim
# Completion of attnsim in zsh; in ~/.zshrc, after compinit: source <(attnsim completion zsh)
_attnsim() {
  local line files
  local -a offers
  while IFS= read -r line; do
    if [[ $line == ':files' ]]; then
      files=1
    else
      offers+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done < <("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#offers} )) && _describe attnsim offers
  [[ -n $files ]] && _files
}
if [[ $funcstack[1] == _attnsim ]]; then _attnsim "$@"; else compdef _attnsim attnsim; fi
`;

const fish = `# Completion of attnsim in fish: attnsim completion fish > ~/.config/fish/completions/attnsim.fish
function __attnsim_complete
    set -l words (commandline -opc)
    set -l begun (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in ($program complete -- $words "$begun" 2>/dev/null)
        if test "$line" = ':files'
            __fish_complete_path "$begun"
        else
            echo "$line"
        end
    end
end
complete -c attnsim -f -a '(__attnsim_complete)'
`;

const scripts = { bash, zsh, fish } as const;

const shells = Object.keys(scripts) as readonly (keyof typeof scripts)[];

/** `attnsim completion SHELL`: a script that asks `attnsim complete` for what may come next. */
export function completion(shell: string, terminal: Terminal): number {
  const chosen = choose('shell', shell, shells);
  if (!chosen.ok) return refuse(terminal, chosen.diagnostics, exitCodes.usageWrong);
  terminal.out(scripts[chosen.value]);
  return exitCodes.done;
}
