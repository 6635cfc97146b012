/// For fish: one `complete` for each command and option.
func fishCompletions(program: String, commands: [CommandSpec]) -> String {
  var lines = ["# fish completion for \(program)"]
  let first = "complete -c \(program) -n __fish_use_subcommand -f"
  for command in commands { lines.append("\(first) -a \(command.name) -d \(fish(command.summary))") }
  lines += ["\(first) -l help -d 'explain the program'", "\(first) -l version -d 'say which version this is'"]
  for command in commands {
    let here = "complete -c \(program) -n '__fish_seen_subcommand_from \(command.name)'"
    for option in command.options {
      let letter = option.short.map { " -s \($0)" } ?? ""
      lines.append("\(here)\(letter) -l \(option.name)\(value(of: option)) -d \(fish(option.help))")
    }
    lines.append("\(here) -l help -d 'explain the command'")
  }
  return lines.joined(separator: "\n") + "\n"
}

private func value(of option: any OptionSpec) -> String {
  if option.placeholder == nil { return "" }
  if option.takesFile { return " -r" }
  return option.words.isEmpty ? " -x" : " -x -a \(fish(option.words.joined(separator: " ")))"
}

/// In single quotes, where fish reads a backslash before a quote or a backslash.
private func fish(_ text: String) -> String {
  "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
}
