/// A shell for which there is a script that completes commands, options and their words, from the same tables as the help.
package enum CompletionShell: String, CaseIterable, Sendable {
  case bash, zsh, fish

  /// The script that the shell reads.
  package func script(program: String, commands: [CommandSpec]) -> String {
    switch self {
    case .bash: bashCompletions(program: program, commands: commands)
    case .zsh: zshCompletions(program: program, commands: commands)
    case .fish: fishCompletions(program: program, commands: commands)
    }
  }
}

extension OptionSpec {
  /// The value is the name of a file, which the shell completes itself.
  var takesFile: Bool { placeholder == "FILE" }
}

private func bashCompletions(program: String, commands: [CommandSpec]) -> String {
  var cases: [String] = []
  var values: [String] = []
  for command in commands {
    let options = command.options.map { "--\($0.name)" } + ["--help"]
    cases.append("    \(command.name)) words=\"\(options.joined(separator: " "))\" ;;")
    for option in command.options where !option.words.isEmpty {
      values.append("    \(command.name):--\(option.name)) words=\"\(option.words.joined(separator: " "))\" ;;")
    }
  }
  return """
    # bash completion for \(program)
    _\(program)() {
      local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=""
      if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W "\(commands.map(\.name).joined(separator: " ")) --help --version" -- "$cur"))
        return
      fi
      case "${COMP_WORDS[1]}:$prev" in
    \(values.joined(separator: "\n"))
        *) case "$cur" in -*) case "${COMP_WORDS[1]}" in
    \(cases.joined(separator: "\n"))
        esac ;; esac ;;
      esac
      COMPREPLY=($(compgen -W "$words" -- "$cur"))
    }
    complete -o default -F _\(program) \(program)

    """
}
