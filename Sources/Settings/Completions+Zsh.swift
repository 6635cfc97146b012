/// For zsh: `_arguments` of zshcompsys(1) with one specification for each option.
func zshCompletions(program: String, commands: [CommandSpec]) -> String {
  let names = commands.map { "      \(quoted("\($0.name):\($0.summary)"))" }
  let cases = commands.map { command in
    let options =
      command.options.flatMap(specifications) + [quoted("--help[explain the command]"), quoted("*:file:_files")]
    return "    \(command.name)) _arguments \(options.joined(separator: " \\\n      ")) ;;"
  }
  return """
    #compdef \(program)
    # zsh completion for \(program)
    _\(program)() {
      if (( CURRENT == 2 )); then
        local -a commands=(
    \(names.joined(separator: "\n"))
        )
        _describe command commands
        compadd -- --help --version
        return
      fi
      local command=$words[2]
      shift words
      (( CURRENT-- ))
      case $command in
    \(cases.joined(separator: "\n"))
      esac
    }
    if [ "$funcstack[1]" = _\(program) ]; then _\(program) "$@"; else compdef _\(program) \(program); fi

    """
}

/// As in `'*--layout=[where maps go]:NAME:(overlay side)'`; an option with a letter has two, of which each excludes the other.
private func specifications(of option: any OptionSpec) -> [String] {
  let help = "[\(escaped(option.help, "[]"))]"
  let value = option.placeholder.map { ":\(escaped($0, ":")):\(action(of: option))" } ?? ""
  let isFlag = option.placeholder == nil
  let long = "--\(option.name)"
  guard let letter = option.short else {
    return [quoted("\(option.repeats ? "*" : "")\(long)\(isFlag ? "" : "=")\(help)\(value)")]
  }
  let once = option.repeats ? "*" : "(-\(letter) \(long))"
  return [
    quoted("\(once)-\(letter)\(isFlag ? "" : "+")\(help)\(value)"),
    quoted("\(once)\(long)\(isFlag ? "" : "=")\(help)\(value)"),
  ]
}

private func action(of option: any OptionSpec) -> String {
  if option.takesFile { return "_files" }
  if option.words.isEmpty { return " " }
  let words = option.words.joined(separator: " ")
  return option.separatesAtCommas ? "_sequence compadd - \(words)" : "(\(words))"
}

private func escaped(_ text: String, _ letters: String) -> String {
  String(text.flatMap { letters.contains($0) || $0 == "\\" ? ["\\", $0] : [$0] })
}

private func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "'\\''"))'" }
